"""How does dropout work in RNNs? The notes leave the heading empty."""

import math
from collections.abc import Sequence
from statistics import fmean

from pipeline.claims.claim import Claim, Figure, Judgement, Line, Point, Section, judged
from pipeline.claims.evidence import Evidence, NotRun
from pipeline.claims.half_lives import half_lives
from pipeline.claims.judges import Contrast, checked, contrasts, together, whichever
from pipeline.claims.statistics import Comparison, difference, log_ratio, mean

VARIANTS = ("dropout", "variational")
SLICE = "dropout_language"
SPARING = ("plain", "sequence", "weight", "zoneout")
"""Kinds of dropout that leave the memory alone. The perplexity under a fresh mask per step is shown beside
theirs, not judged: the claim says nothing of it."""
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


def kinds(evidence: Evidence) -> Judgement:
    """Bits a token that each kind of dropout saves a language model that has read little.

    Of a kind's rates (variants KIND_PERCENT) the one with the lowest perplexity on validation stands for it.
    The gap between test and training text is told beside.

    Raises:
        NotRun: no such kind was trained beside none, or with one seed.
    """
    chosen = _chosen(evidence)
    if "none" not in chosen or not set(SPARING) & set(chosen):
        raise NotRun(f"experiment {SLICE} lacks none, or every kind of dropout to compare with it")
    test, read = (
        {kind: _bits(evidence, variant, split) for kind, variant in chosen.items()}
        for split in (None, "train")
    )
    none = test["none"]
    if len(none) < 2:
        raise NotRun(f"experiment {SLICE} has one seed, which tells nothing of chance")
    comparisons = [
        Comparison(
            f"{chosen[kind]} against none ({SLICE})",
            "bits a token saved",
            difference(none, test[kind]),
            0.0,
            0.0,
        )
        for kind in SPARING
        if kind in chosen
    ]
    told = [
        f"{variant} {2 ** fmean(test[kind]):.1f}"
        + (f", {_times(test[kind], none):.3f} times none's" if kind != "none" else "")
        + f" (training text {2 ** fmean(read[kind]):.1f}, {_times(read[kind], test[kind]):.2f} times that)"
        for kind, variant in chosen.items()
    ]
    lines = [
        Line(name, [_point(variant, found[kind]) for kind, variant in chosen.items()])
        for name, found in (("test", test), ("training text", read))
    ]
    return judged(
        comparisons,
        figure=Figure("dropout and its percent", "perplexity", lines),
        remarks=[f"perplexity by dropout and its percent, chosen on validation: {', '.join(told)}"],
    )


def _times(a: Sequence[float], b: Sequence[float]) -> float:
    """Ratio of two perplexities, each given as bits per seed."""
    return float(2 ** (fmean(a) - fmean(b)))


def _chosen(evidence: Evidence) -> dict[str, str]:
    """Kind -> its variant of the lowest perplexity on validation, in the grid's order."""
    found: dict[str, tuple[float, str]] = {}
    for variant in evidence.variants(SLICE):
        kind, value = variant.split("_")[0], fmean(_bits(evidence, variant, "validation"))
        if kind not in found or value < found[kind][0]:
            found[kind] = value, variant
    return {kind: variant for kind, (_, variant) in found.items()}


def _bits(evidence: Evidence, variant: str, split: str | None) -> list[float]:
    """log2 of the perplexity, per seed."""
    return [math.log2(value) for value in evidence.values(SLICE, variant, "perplexity", split)]


def _point(variant: str, bits: list[float]) -> Point:
    """The geometric mean of perplexities, and its interval over seeds."""
    estimate = mean(bits)
    low, high = estimate.interval
    return variant, 2**estimate.value, 2**low, 2**high


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
                "What survives of a stored value; perplexity with dropout against none (surely better), of a "
                "language model of a million tokens and of one of a tenth of them, there with dropout on "
                "inputs and outputs, one mask per sequence, weight drop and zoneout, each at the rate of two "
                "that is better on validation; half-life of recall with a fresh mask per step (at most half "
                "of that without dropout) and with one mask per sequence (at least four fifths of it)."
            ),
            judge=together(
                checked("dropout"),
                whichever(
                    contrasts(*(Contrast("language", variant, "none", "perplexity") for variant in VARIANTS)),
                    kinds,
                ),
                memory,
            ),
            holds=(
                "A fresh mask wipes a stored value step by step; dropout that leaves the memory alone lowers "
                "the perplexity and keeps the memory."
            ),
            refuted="Dropout neither lowers the perplexity here nor spares the memory.",
            experiments=("language", "dropout_language", "dropout_recall"),
            literature="Zaremba et al. 2014; Gal & Ghahramani 2016; Krueger et al. 2017; Merity et al. 2018.",
            push="experiments.language.model.dropout",
        )
    ],
)
