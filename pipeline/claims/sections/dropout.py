"""How does dropout work in RNNs? The notes leave the heading empty."""

import math

from pipeline.claims.claim import Claim, Judgement, Section, judged
from pipeline.claims.evidence import Evidence
from pipeline.claims.half_lives import half_lives
from pipeline.claims.judges import Contrast, checked, contrasts, together
from pipeline.claims.statistics import Comparison, log_ratio

VARIANTS = ("dropout", "variational")
HALVED = 1.0
"""Halvings of the memory by a fresh mask per step, at least."""
KEPT = math.log2(0.8)
"""Doublings of the memory by one mask per sequence, at least: four fifths of it are left."""
UNIT = "doublings of the half-life"


def memory(evidence: Evidence) -> Judgement:
    """Half-life of recall after training with a fresh mask per step, and with one per sequence."""
    none, step, sequence = (
        half_lives(evidence, "dropout_recall", variant) for variant in ("none", "step", "sequence")
    )
    return judged(
        [
            Comparison("none against a fresh mask per step", UNIT, log_ratio(none, step), HALVED, HALVED),
            Comparison("one mask per sequence against none", UNIT, log_ratio(sequence, none), KEPT, KEPT),
        ]
    )


SECTION = Section(
    "How does dropout work in RNNs",
    [
        Claim(
            id="dropout",
            red=True,
            sentence=(
                "Dropout helps a recurrent network if it leaves the memory alone: between layers, or with "
                "one mask for the whole sequence."
            ),
            measure=(
                "What survives of a stored value; perplexity with dropout against none (surely better); "
                "half-life of recall with a fresh mask per step (at most half of that without dropout) and "
                "with one mask per sequence (at least four fifths of it)."
            ),
            judge=together(
                checked("dropout"),
                contrasts(*(Contrast("language", variant, "none", "perplexity") for variant in VARIANTS)),
                memory,
            ),
            holds=(
                "A fresh mask wipes a stored value step by step; dropout that leaves the memory alone lowers "
                "the perplexity and keeps the memory."
            ),
            refuted="Dropout neither lowers the perplexity here nor spares the memory.",
            experiments=("language", "dropout_recall"),
            literature="Zaremba et al. 2014; Gal & Ghahramani 2016; Krueger et al. 2017; Merity et al. 2018.",
            push="experiments.language.model.dropout",
        )
    ],
)
