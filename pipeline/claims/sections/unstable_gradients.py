"""Unstable gradients: when partial derivatives are large."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import checked

SECTION = Section(
    "Unstable gradients",
    [
        Claim(
            id="exploding-gradient",
            sentence="Where partial derivatives are large, the early steps' gradient explodes.",
            measure=(
                "Growth of the gradient per step against the spectral radius of the recurrent weights; what "
                "clipping does to it."
            ),
            judge=checked("exploding-gradient"),
            holds=(
                "A spectral radius above 1 makes the gradient grow by that factor per step; clipping bounds"
                " it."
            ),
            refuted="The gradient does not follow the spectral radius.",
            literature="Bengio et al. 1994; Pascanu et al. 2013 (clipping).",
            push="experiments.recall.model.recurrent_scale",
        )
    ],
)
