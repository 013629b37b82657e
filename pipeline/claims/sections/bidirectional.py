"""Bi-directional networks: what the future tells."""

from dataclasses import replace

from pipeline.claims.claim import Claim, Judgement, Section, judged
from pipeline.claims.evidence import Evidence
from pipeline.claims.judges import Contrast, checked, contrasts, scaled, together
from pipeline.claims.statistics import Comparison
from pipeline.claims.verdict import Verdict

HORIZONS = (24, 48, 168, 336, 720)
SERIES = ("forecast_univariate", "forecast_multivariate")
BASELINES = ("repeat_last", "seasonal", "ridge")
USEFUL = 3
"""Horizons, of one series at least, at which an application must be ahead of every baseline; all where fewer
are scored."""


def forecasts(evidence: Evidence) -> Judgement:
    """1 - MSE_bi / MSE_uni at every horizon that was scored, δ = .02; and how many horizons both directions
    forecast surely better than every baseline, without which nobody would use them."""
    comparisons, remarks, useful = [], [], False
    for experiment in SERIES:
        series, scored = experiment.removeprefix("forecast_"), evidence.table(experiment, "scores")
        horizons = [hours for hours in HORIZONS if f"mse_{hours}" in set(scored["metric"])]
        ahead = 0
        for hours in horizons:
            metric = f"mse_{hours}"
            uni = evidence.values(experiment, "lstm", metric)
            share = scaled(evidence.difference(experiment, "bilstm", "lstm", metric), len(uni) / sum(uni))
            comparisons.append(Comparison(f"{series}, {hours} h", "of the error saved", share, 0.02, 0.02))
            ahead += all(
                evidence.difference(experiment, "bilstm", baseline, metric).interval[0] > 0
                for baseline in BASELINES
            )
        useful |= ahead >= min(USEFUL, len(horizons))
        remarks.append(f"{series}: ahead of every baseline at {ahead} of {len(horizons)} horizons")
    found = judged(comparisons, remarks=remarks)
    return replace(found, settled=Verdict.REFUTED) if found.verdict is Verdict.HOLDS and not useful else found


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
                "1 - MSE in two directions / MSE in one, over the past window, surely above .02, by horizon; "
                "an application only if two directions are surely ahead of repeating the last value, of the "
                "day before and of ridge regression at 3 horizons of a series."
            ),
            judge=forecasts,
            holds="Reading the past window both ways lowers the error at every horizon.",
            refuted="Over a window that is all past, a second direction saves no error.",
            experiments=SERIES,
            literature="Zhou et al. 2021, Table 1 (LSTMa and Informer).",
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
