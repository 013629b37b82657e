"""Bi-directional networks: what the future tells."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.claims.claim import Claim, Judgement, Section, judged
from pipeline.claims.evidence import Evidence, NotRun
from pipeline.claims.judges import Contrast, checked, contrasts, scaled, together
from pipeline.claims.statistics import Comparison, Side
from pipeline.claims.verdict import Verdict

HORIZONS = (24, 48, 168, 336, 720)
SERIES = ("forecast_univariate", "forecast_multivariate")
BASELINES = ("repeat_last", "seasonal", "ridge")
USEFUL = 3
"""Horizons, of one series at least, at which an application must be ahead of every baseline; all where fewer
are scored."""


GAPS = (6, 24, 96)
FILLERS = ("repeat_last", "seasonal", "interpolation")


def forecasts(evidence: Evidence) -> Judgement:
    """1 - MSE_bi / MSE_uni: of forecasts at every horizon that was scored, δ = .02; of gaps by length,
    δ = .10.

    And how many horizons both directions forecast surely better than every baseline, without which nobody
    would forecast with them, whatever they save.
    """
    comparisons, remarks, useful = [], [], False
    for experiment in SERIES:
        series, scored = experiment.removeprefix("forecast_"), evidence.table(experiment, "scores")
        horizons = [hours for hours in HORIZONS if f"mse_{hours}" in set(scored["metric"])]
        ahead = 0
        for hours in horizons:
            metric = f"mse_{hours}"
            label = f"{series}, {hours} h"
            comparisons.append(_saved(evidence, experiment, ("bilstm", "lstm"), metric, label, 0.02))
            ahead += _ahead(evidence, experiment, "bilstm", BASELINES, metric)
        useful |= ahead >= min(USEFUL, len(horizons))
        remarks.append(f"{series}: ahead of every baseline at {ahead} of {len(horizons)} horizons")
    try:
        gaps, told = _imputation(evidence)
    except NotRun as reason:
        gaps, told = [], [str(reason)]
    found = judged([*comparisons, *gaps], remarks=[*remarks, *told])
    forecast, filled = found.comparisons[: len(comparisons)], found.comparisons[len(comparisons) :]
    # Without gaps that could tell, only what is surely saved for nothing refutes.
    if useful or (not filled and {one.side for one in forecast} != {Side.ABOVE}):
        return found
    return replace(found, settled=_without_forecasts({one.side for one in filled}))


def _saved(
    evidence: Evidence, experiment: str, arms: tuple[str, str], metric: str, label: str, delta: float
) -> Comparison:
    """Share of the second arm's error that the first one saves."""
    uni = evidence.values(experiment, arms[1], metric)
    share = scaled(evidence.difference(experiment, *arms, metric), len(uni) / sum(uni))
    return Comparison(label, "of the error saved", share, delta, delta)


def _ahead(evidence: Evidence, experiment: str, arm: str, baselines: Sequence[str], metric: str) -> bool:
    """Whether it is surely better than every one of them."""
    differences = [evidence.difference(experiment, arm, baseline, metric) for baseline in baselines]
    return all(difference.interval[0] > 0 for difference in differences)


def _imputation(evidence: Evidence) -> tuple[list[Comparison], list[str]]:
    """What the second direction saves at every gap that was trained; and the leak, on which no verdict
    hangs."""
    experiment = "imputation"
    variants = set(evidence.variants(experiment))
    gaps = [gap for gap in GAPS if {f"lstm_{gap}", f"bilstm_{gap}"} <= variants]
    comparisons, ahead = [], 0
    for gap in gaps:
        arms, label = (f"bilstm_{gap}", f"lstm_{gap}"), f"imputation, gap of {gap} h"
        comparisons.append(_saved(evidence, experiment, arms, "mse", label, 0.10))
        ahead += _ahead(evidence, experiment, arms[0], [f"{way}_{gap}" for way in FILLERS], "mse")
    remarks = [f"imputation: two directions ahead of every baseline at {ahead} of {len(gaps)} gaps"]
    if {"lstm_next", "bilstm_next"} <= variants:
        both, one = (
            [_mean(evidence.values(experiment, arm, metric)) for metric in ("mse", "mse_last")]
            for arm in ("bilstm_next", "lstm_next")
        )
        remarks.append(
            "asked for the next hour where the window covers it, two directions have read the answer: MSE "
            f"{both[0]:.2g} over the window, {both[1]:.2g} at its last hour, which nothing follows; in one "
            f"direction {one[0]:.2g} and {one[1]:.2g}"
        )
    return comparisons, remarks


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _without_forecasts(filled: set[Side]) -> Verdict:
    """The verdict where forecasts are refuted, since simple baselines are ahead, and gaps say so."""
    if Side.ABOVE in filled:
        return Verdict.DEPENDS
    return Verdict.REFUTED if filled <= {Side.BELOW} else Verdict.INCONCLUSIVE


SECTION = Section(
    "Bi-directional RNNs",
    [
        Claim(
            id="bidirectional-future",
            sentence=(
                "The 5th input affects the 3rd output; what follows a name tells what kind of name it is."
            ),
            measure=(
                "∂o_3/∂x_5 in one and in two directions; accuracy of tags in two directions against one, at "
                "words that what follows decides."
            ),
            judge=together(
                checked("bidirectional-future"),
                contrasts(Contrast("part_of_speech", "bilstm", "lstm", "accuracy")),
            ),
            holds="One direction cannot see the future; two can, and tag better for it.",
            refuted="Seeing the future does not help to tag.",
            experiments=("part_of_speech",),
            literature="Schuster & Paliwal 1997; Graves & Schmidhuber 2005.",
            push="experiments.part_of_speech.model.hidden",
        ),
        Claim(
            id="bidirectional-sentiment",
            red=True,
            sentence="On sentiment, a bi-directional network should be compared with a uni-directional one.",
            measure="Accuracy at equal parameters: holds above 0, refuted if surely under 1 point.",
            judge=contrasts(Contrast("directions", "bilstm", "lstm", "accuracy", above=0, below=1)),
            holds="Reading both ways tells sentiment better.",
            refuted="With the same number of parameters, reading both ways gains less than a point.",
            experiments=("directions",),
            literature="Tai et al. 2015: bi-directional and plain LSTMs are on a par on sentiment.",
            push="experiments.directions.model.pooling",
        ),
        Claim(
            id="bidirectional-forecast",
            red=True,
            sentence="Forecasting is an application of bi-directional networks.",
            measure=(
                "1 - MSE in two directions / MSE in one: of forecasts over the past window surely above .02, "
                "by horizon; of hours hidden inside a window surely above .10, by the gap's length. "
                "Forecasting is an application only if two directions are surely ahead of repeating the last "
                "value, of the day before and of ridge regression at 3 horizons of a series."
            ),
            judge=forecasts,
            holds="Reading both ways lowers the error at every horizon, and in every gap.",
            refuted="A second direction saves no error, over a window that is all past or around a gap.",
            experiments=(*SERIES, "imputation"),
            literature="Zhou et al. 2021, Table 1 (LSTMa and Informer); Cao et al. 2018 (BRITS), imputation.",
            push="experiments.forecast_univariate.data.max_tokens",
        ),
        Claim(
            id="bidirectional-translation",
            sentence="A bi-directional encoder helps translation.",
            measure="BLEU of an encoder in two directions against one, at equal parameters.",
            judge=contrasts(Contrast("translation_decoder", "bidirectional", "base", "bleu")),
            holds="Reading the source both ways translates better.",
            refuted="Reading the source both ways does not translate better.",
            experiments=("translation_decoder",),
            literature="Bahdanau et al. 2015; Sutskever et al. 2014 (reversal).",
            push="experiments.translation_decoder.model.attention",
        ),
    ],
)
