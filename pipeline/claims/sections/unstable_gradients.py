"""Unstable gradients: when partial derivatives are large."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.diverging import diverges
from pipeline.claims.judges import checked, whichever

SECTION = Section(
    "Unstable gradients",
    [
        Claim(
            id="exploding-gradient",
            sentence="Where partial derivatives are large, the early steps' gradient explodes.",
            measure=(
                "Growth of the gradient per step against the spectral radius of the recurrent weights; what "
                "clipping does to it. Share of trainings of a ReLU network by plain SGD that diverge: surely "
                "more at radii above 1 than below, and there surely more without clipping than with it."
            ),
            judge=whichever(checked("exploding-gradient"), diverges),
            holds=(
                "A spectral radius above 1 makes the gradient grow by that factor per step, until trainings "
                "diverge; clipping bounds it, and fewer do."
            ),
            refuted=(
                "The gradient does not follow the spectral radius, or more trainings diverge at small radii "
                "and with clipping."
            ),
            probes=("divergence",),
            literature="Bengio et al. 1994; Pascanu et al. 2013 (clipping).",
            push="divergence.clip_norm",
        )
    ],
)
