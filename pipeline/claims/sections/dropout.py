"""How does dropout work in RNNs? The notes leave the heading empty."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import Contrast, checked, contrasts, together

VARIANTS = ("dropout", "variational")

SECTION = Section(
    "How does dropout work in RNNs",
    [
        Claim(
            id="dropout",
            red=True,
            sentence=(
                "Dropout helps a recurrent network if it leaves the memory alone: between layers, or with "
                "one "
                "mask for the whole sequence."
            ),
            measure=(
                "What survives of a stored value; perplexity with dropout against none (surely better); "
                "memory with a fresh mask per step against none and against one mask per sequence."
            ),
            judge=together(
                checked("dropout"),
                contrasts(*(Contrast("language", variant, "none", "perplexity") for variant in VARIANTS)),
            ),
            holds="Fresh masks wipe a stored value step by step, one mask per sequence keeps it or not; both "
            "kinds that leave the memory alone lower the perplexity.",
            refuted="Dropout does not lower the perplexity here.",
            experiments=("language",),
            literature="Zaremba et al. 2014; Gal & Ghahramani 2016; Krueger et al. 2017; Merity et al. 2018.",
            push="experiments.language.model.dropout",
        )
    ],
)
