"""Stacked networks: what layers on layers bring."""

import pandas as pd
from scipy.stats import binomtest

from pipeline.claims.claim import Claim, Figure, Judgement, Line, Point, Section, judged
from pipeline.claims.evidence import Check, Evidence, NotRun
from pipeline.claims.judges import Contrast, checked, contrasts, together
from pipeline.claims.statistics import UNTOLD, mean

DEEP = ("two", "three", "four")
PROBED = "three"
"""The variant whose layers are looked into: the judge's rule speaks of three."""
BASIC, HIGH, CONTROL = "part of speech", "sentiment", "control"
DRAWN = (BASIC, "entity", HIGH)
SHARE = 4 / 5
"""Of the seeds, in which the basic feature is to peak lower."""
MOST_SEEDS = 1000


def features(evidence: Evidence) -> Judgement:
    """In how many seeds does the part of speech peak in a lower layer than the sentiment?

    A peak is the lowest layer, from 1, with the highest accuracy. Refuted where the whole Clopper-Pearson
    interval of the share of seeds lies below `SHARE`.

    Raises:
        NotRun: the probe has not seen two seeds of the network of three layers.
    """
    evidence.provenance("depth")
    rows = evidence.probe("layers@depth", "layers")
    rows = rows[rows["variant"] == PROBED]
    seeds = rows["seed"].nunique()
    if seeds < 2:
        raise NotRun(f"probe layers@depth has not seen two seeds of {PROBED}")
    peaks = {feature: _peaks(rows, feature) for feature in (BASIC, HIGH)}
    lower = int((peaks[BASIC] < peaks[HIGH]).sum())
    chance = binomtest(lower, seeds, alternative="greater").pvalue
    passed = True if lower >= SHARE * seeds else False if _surely_fewer(lower, seeds) else None
    check = Check(
        f"{BASIC} peaks in a lower layer than {HIGH}",
        f"in {lower} of {seeds} seeds (95 % interval {_share(lower, seeds)})",
        "in at least four fifths",
        passed,
        needs=_needed(lower, seeds) if passed is None else UNTOLD,
    )
    told = "; ".join(
        f"{feature} in layer {', '.join(str(layer) for layer in layers)}" for feature, layers in peaks.items()
    )
    remarks = [
        f"peaks by seed: {told} (binomial p {chance:.2g} of as many by an even chance)",
        f"accuracy by layer from 0, the word vectors, trained (random weights): {_accuracies(rows)}",
        f"{BASIC} less {CONTROL}, which is learned by heart: {_selectivity(rows)}",
    ]
    return judged(checks=[check], figure=_figure(rows), remarks=remarks)


def _surely_fewer(lower: int, seeds: int) -> bool:
    return bool(binomtest(lower, seeds).proportion_ci().high < SHARE)


def _share(lower: int, seeds: int) -> str:
    interval = binomtest(lower, seeds).proportion_ci()
    return f"{interval.low:.2f} to {interval.high:.2f}"


def _needed(lower: int, seeds: int) -> str:
    """Seeds that would refute at the share seen."""
    enough = (n for n in range(seeds, MOST_SEEDS) if _surely_fewer(round(lower / seeds * n), n))
    return next((f"about {n} seeds" for n in enough), UNTOLD)


def _peaks(rows: pd.DataFrame, feature: str) -> pd.Series:
    """A layer per seed."""
    found = rows[(rows["feature"] == feature) & (rows["weights"] == "trained") & (rows["layer"] > 0)]
    best = found.sort_values(["accuracy", "layer"], ascending=[False, True]).groupby("seed")["layer"]
    return best.first()


def _by_layer(rows: pd.DataFrame, feature: str, weights: str) -> pd.Series:
    """Mean accuracy over seeds."""
    found = rows[(rows["feature"] == feature) & (rows["weights"] == weights)]
    return found.groupby("layer")["accuracy"].mean()


def _accuracies(rows: pd.DataFrame) -> str:
    parts = []
    for feature in (*DRAWN, CONTROL):
        if feature not in set(rows["feature"]):
            parts.append(f"{feature}: the networks know too few words")
            continue
        both = zip(*(_by_layer(rows, feature, weights) for weights in ("trained", "random")), strict=True)
        chance = rows.loc[rows["feature"] == feature, "chance"].mean()
        values = ", ".join(f"{trained:.3f} ({random:.3f})" for trained, random in both)
        parts.append(f"{feature} {values}, chance {chance:.3f}")
    return "; ".join(parts)


def _selectivity(rows: pd.DataFrame) -> str:
    trained, random = (
        _by_layer(rows, BASIC, weights) - _by_layer(rows, CONTROL, weights)
        for weights in ("trained", "random")
    )
    return ", ".join(f"{one:+.3f} ({other:+.3f})" for one, other in zip(trained, random, strict=True))


def _figure(rows: pd.DataFrame) -> Figure:
    lines = []
    for weights, note in (("trained", ""), ("random", ", random weights")):
        for feature in DRAWN:
            found = rows[(rows["feature"] == feature) & (rows["weights"] == weights)]
            if found.empty:
                continue
            points: list[Point] = []
            for layer, values in found.groupby("layer")["accuracy"]:
                low, high = mean(values.tolist()).interval
                points.append((str(layer), float(values.mean()), max(low, 0.0), min(high, 1.0)))
            lines.append(Line(f"{feature}{note}", points))
    return Figure("layer", "accuracy of a linear probe", lines)


SECTION = Section(
    "Stacked RNNs",
    [
        Claim(
            id="stacked-features",
            sentence=(
                "h_t of one layer is x_t of the next; lower layers hold basic, upper ones high-level "
                "features."
            ),
            measure=(
                "Two chained layers against a two-layer kernel. Linear probes on each layer of a classifier "
                "of three: the layer that best tells a word's part of speech is lower than the one that best "
                "tells a review's sentiment in at least four fifths of the seeds (refuted: the whole "
                "interval of the share lies below)."
            ),
            judge=together(checked("stacked-features"), features),
            holds="Each layer reads the one below; words' classes are best read below sentiment.",
            refuted="Words' classes are not best read from lower layers than sentiment.",
            experiments=("depth",),
            probes=("layers@depth",),
            literature=(
                "Belinkov et al. 2017; Peters et al. 2018 probe what layers hold. Hewitt & Liang 2019: a "
                "control task shows what a probe learns by heart."
            ),
            push="experiments.depth.model.parameters",
        ),
        Claim(
            id="stacked-depth",
            sentence="Stacking layers helps.",
            measure="Accuracy of 2, 3 and 4 layers against one, all with the same number of parameters.",
            judge=contrasts(*(Contrast("depth", layers, "one", "accuracy") for layers in DEEP)),
            holds="At equal parameters, deeper is better.",
            refuted="At equal parameters, one wide layer is better than several narrow ones.",
            experiments=("depth",),
            literature="Graves et al. 2013; Hermans & Schrauwen 2013.",
            push="experiments.depth.model.parameters",
        ),
    ],
)
