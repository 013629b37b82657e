"""Introduction: inputs of any length, padding, the recurrent layer, its first state and its activation."""

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.claims.claim import Claim, Figure, Judgement, Line, Point, Section, judged
from pipeline.claims.evidence import Evidence, NotRun
from pipeline.claims.judges import Contrast, checked, contrasts, scaled, together
from pipeline.claims.statistics import Comparison, Estimate, Side, combined, mean
from pipeline.claims.verdict import Verdict

POINTS = "points of accuracy"
EXPERIMENT = "variable_length"
CUT = re.compile(r"accuracy_(\d+)")
"""With so many words read, of texts that all have four times what training read."""

NEAR = 2.0
"""Points of accuracy within which an average of word vectors stays where length is no obstacle."""
LOST = 5.0
"""Points that a flat network must lose more than the LSTM, at four times the length."""


def any_length(evidence: Evidence) -> Judgement:
    """The same texts cut at a quarter to four times of what training read."""
    metrics = evidence.table(EXPERIMENT, "scores")["metric"].unique()
    cuts = sorted(int(found[1]) for found in map(CUT.fullmatch, metrics) if found)
    if not cuts:
        raise NotRun(f"experiment {EXPERIMENT} has no accuracy where more or less is read than in training")

    def lead(rival: str, cut: int) -> Estimate:
        return scaled(evidence.difference(EXPERIMENT, "lstm", rival, f"accuracy_{cut}"), 100)

    comparisons = [
        Comparison(f"lstm against averaged words, {cut} read", POINTS, lead("pooled_mlp", cut), NEAR, NEAR)
        for cut in cuts
    ]
    trained, longest = cuts[len(cuts) // 2], cuts[-1]
    more = combined([(1.0, lead("flat_mlp", longest)), (-1.0, lead("flat_mlp", trained))])
    label = f"flat network's further loss at {longest} words, trained on {trained}"
    comparisons.append(Comparison(label, POINTS, more, LOST, LOST))
    found = judged(comparisons, figure=_by_cut(evidence, cuts))
    if all(one.side is Side.BELOW for one in found.comparisons[:-1]):
        return replace(found, settled=Verdict.REFUTED)
    return found


def _by_cut(evidence: Evidence, cuts: Sequence[int]) -> Figure:
    lines: dict[str, list[Point]] = {}
    for variant in evidence.variants(EXPERIMENT):
        for cut in cuts:
            values = [100 * value for value in evidence.values(EXPERIMENT, variant, f"accuracy_{cut}")]
            low, high = mean(values).interval
            lines.setdefault(variant, []).append((float(cut), sum(values) / len(values), low, high))
    named = [Line(name, points) for name, points in lines.items()]
    return Figure("words read", "accuracy, percent", named, logarithmic=True)


PADDED = ("padding", "padding_long")
"""A quarter and a half of what is read is padding (IMDB, 256 and 512 tokens)."""

SECTION = Section(
    "Introduction",
    [
        Claim(
            id="intro-variable-length",
            red=True,
            sentence="A feed-forward network cannot take inputs of varying length; a recurrent one can.",
            measure=(
                "Parameters as the length grows; accuracy at lengths that training did not have. "
                "“Cannot” is refuted if an MLP over averaged word vectors stays within 2 points of the LSTM; "
                "a flat MLP must lose 5 points more than the LSTM."
            ),
            judge=together(checked("intro-variable-length"), any_length),
            holds="Only what shares weights over positions takes any length, and averaging is not enough.",
            refuted=(
                "Averaging the word vectors is enough to take any length; what it gives up is their order."
            ),
            experiments=("variable_length",),
            literature="Iyyer et al. 2015 classify with averaged vectors alone, close to recurrent networks.",
            push="experiments.variable_length.data.max_tokens",
        ),
        Claim(
            id="intro-padding",
            red=True,
            sentence="Padding is done for recurrent networks too, since the input layer's weights are fixed.",
            measure=(
                "Packed against unpadded states (equal to 1e-10); accuracy lost where padding is read as "
                "words, behind or in front of the text, with less and with more of it than of text; it "
                "counts as lost if surely more than 0.5 points."
            ),
            judge=together(
                checked("intro-padding"),
                contrasts(
                    *(
                        Contrast(experiment, "masked", where, "accuracy", above=0.5)
                        for experiment in PADDED
                        for where in ("after", "before")
                    )
                ),
            ),
            holds=(
                "Padding is for the batch's rectangle, not for the weights: masked it changes nothing, read "
                "as words it costs accuracy."
            ),
            refuted="Padding costs nothing here, even where it is read.",
            experiments=PADDED,
            literature="Dwarampudi & Reddy 2019 find padding in front better than behind for LSTMs.",
            push="experiments.padding.data.max_tokens",
        ),
        Claim(
            id="intro-other-sequences",
            sentence="Sequences need not be words: sound and measurements are sequences too.",
            measure="Word error rate on spoken digits against chance; error of forecasts against repeating.",
            judge=contrasts(
                Contrast("speech", "luong", "chance", "wer", above=20),
                Contrast("forecast_univariate", "lstm", "repeat_last", "mse"),
            ),
            holds="The same cells read sound frames and hourly measurements.",
            refuted="On these sequences a recurrent network is no better than not reading at all.",
            experiments=("speech", "forecast_univariate"),
            literature="Graves et al. 2013 (speech); Zhou et al. 2021 (ETT).",
        ),
        Claim(
            id="intro-recurrent-layer",
            sentence=(
                "A layer of 3 units over 5 inputs has weights (5, 3) and (3, 3), and reads its own last "
                "output."
            ),
            measure="Shapes, counts, and equality with the fused kernel, step by step.",
            judge=checked("intro-recurrent-layer"),
            holds=(
                "One small matrix reads the word, another the layer's own last output; all steps share both."
            ),
            refuted="The layer does not have these weights.",
            literature="Elman 1990.",
        ),
        Claim(
            id="intro-initial-state",
            sentence="For the first word the state that comes in is random or zero.",
            measure="Accuracy with a random or a learned first state against zero; a difference is 1 point.",
            judge=contrasts(
                Contrast("initial_state", "random", "zero", "accuracy", above=1, below=1),
                Contrast("initial_state", "learned", "zero", "accuracy", above=1, below=1),
            ),
            holds="The first state matters for sentiment.",
            refuted="Zero, random or learned: on texts of this length the first state makes no difference.",
            experiments=("initial_state",),
            literature="Learned initial states help where sequences are short and resets frequent.",
            push="experiments.initial_state.data.max_tokens",
        ),
        Claim(
            id="intro-activation",
            sentence="The recurrent layer has an activation function.",
            measure=(
                "A linear layer equals one linear map; accuracy of tanh against linear, surely above 1 point."
            ),
            judge=together(
                checked("intro-activation"),
                contrasts(Contrast("activation", "tanh", "linear", "accuracy", above=1)),
            ),
            holds="Without an activation a recurrent layer is one linear map of all its inputs.",
            refuted="A linear layer is one linear map, and for this task that is enough.",
            experiments=("activation",),
            literature="Le et al. 2015 (ReLU with an identity start).",
            push="experiments.activation.model.activation",
        ),
    ],
)
