"""Long-term dependencies: what is remembered, and what reaches the early steps of the gradient."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from scipy import stats

from pipeline.claims.bag_gains import by_length
from pipeline.claims.claim import Claim, Figure, Judgement, Line, Point, Section, judged
from pipeline.claims.evidence import Evidence, NotRun
from pipeline.claims.half_lives import Outlasts, half_lives, outlasting
from pipeline.claims.judges import Contrast, checked, contrasts, whichever
from pipeline.claims.statistics import Comparison, mean

GATED = ("gru", "lstm")
KEPT = 5.0
"""Points of accuracy that a plain RNN must lose to filler beyond what a gated cell loses."""
EARLY = 0.01
"""Share of the gradient that the first tenth of the steps would have to keep."""
STEPS = 100
"""Half-life in steps under which the gradient counts as vanishing."""
LENGTHS = (200, 1000)


def recalled(evidence: Evidence) -> Judgement:
    """Half-life of recalled symbols, gated cells against the plain RNN."""
    wanted = [Outlasts(cell, "rnn", 1.0, f"{cell} against rnn, recall") for cell in GATED]
    remark = "a half-life beyond the distances tried counts as the last of them, one before them as the first"
    found = outlasting(evidence, "recall", wanted)
    return replace(found, figure=_by_distance(evidence), remarks=[remark])


def _by_distance(evidence: Evidence) -> Figure:
    table = evidence.table("recall", "by_distance")
    table = table[(table["split"] == table["split"].iloc[0]) & (table["variant"] != "chance")]
    lines = []
    for variant, rows in table.groupby("variant", sort=False):
        points = []
        for (low, high), seeds in rows.groupby(["low", "high"]):
            values = seeds["value"].dropna().tolist()
            if len(values) > 1:
                around = mean(values)
                bottom, top = around.interval
                points.append((math.sqrt(low * high), around.value, max(bottom, 0.0), min(top, 1.0)))
        lines.append(Line(str(variant), points))
    return Figure("steps back", "accuracy", lines, logarithmic=True)


def kept(evidence: Evidence) -> Judgement:
    """Accuracy on reviews that a plain RNN loses to the filler behind them and gated cells do not.

    Raises:
        NotRun: also where the plain RNN doesn't read the reviews even without filler. Who has read nothing
            has nothing to lose: a drop of none would not speak for its memory.
    """
    found = contrasts(
        *(
            Contrast("filler", cell, "rnn", "filler_drop", KEPT, label=f"{cell} against rnn, filler")
            for cell in GATED
        )
    )(evidence)
    table = evidence.table("filler", "by_filler")
    table = table[table["split"] == table["split"].iloc[0]]
    by_length = {
        (str(variant), int(length)): rows["accuracy"].tolist()
        for (variant, length), rows in table.groupby(["variant", "filler"], sort=False)
    }
    ends = min(table["filler"]), max(table["filler"])
    (guessed,) = by_length["majority", ends[0]]
    read = mean(by_length["rnn", ends[0]])
    if read.interval[0] <= guessed:
        raise NotRun(
            f"filler tells nothing: with {ends[0]} words of it the plain RNN is not surely above the "
            f"majority ({read.value:.3f} against {guessed:.3f}), so that it has nothing to lose"
        )
    trained = {key: values for key, values in by_length.items() if key[0] in evidence.variants("filler")}
    told = "; ".join(
        f"{cell} {' and '.join(f'{_mean(trained[cell, end]):.3f}' for end in ends)}"
        for cell in dict.fromkeys(cell for cell, _ in trained)
    )
    remark = f"accuracy with {ends[0]} and with {ends[1]} words of filler: {told}"
    return replace(found, figure=_by_filler(trained), remarks=[remark, *found.remarks])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _by_filler(by_length: Mapping[tuple[str, int], Sequence[float]]) -> Figure:
    lines: dict[str, list[Point]] = {}
    for (variant, length), values in by_length.items():
        low, high = mean(values).interval if len(values) > 1 else (None, None)
        lines.setdefault(variant, []).append((float(length), _mean(values), low, high))
    return Figure("words of filler", "accuracy", [Line(name, points) for name, points in lines.items()])


def caused(evidence: Evidence) -> Judgement:
    """Rank correlation, over cells and how they start, of the gradient's half-life with that of recall.

    Raises:
        NotRun: also where a seed's networks all remember equally far, so that there are no ranks.
    """
    variants = evidence.variants("reach")
    recalled = {variant: half_lives(evidence, "reach", variant) for variant in variants}
    shares = evidence.probe("gradient_flow@reach", "shares")
    comparisons, reached = [], {}
    for when in ("before", "after"):
        rows = shares[shares["when"] == when].sort_values("seed")
        reached[when] = {name: rows.loc[rows["variant"] == name, "half_life"].tolist() for name in variants}
        pairs = [
            [[values[name][seed] for name in variants] for values in (reached[when], recalled)]
            for seed in range(len(recalled[variants[0]]))
        ]
        if len(pairs) < 2 or any(len(set(side)) == 1 for pair in pairs for side in pair):
            raise NotRun("reach tells nothing: one seed, or networks that all remember equally far")
        found = mean([float(stats.spearmanr(*pair).statistic) for pair in pairs])
        label = f"gradient {when} training, recall after it"
        comparisons.append(Comparison(label, "rank correlation of half-lives", found, 0.0, 0.0))
    lines, level = [], []
    for name in variants:
        reach = _mean(reached["before"][name])
        if math.isfinite(reach):
            lines.append(Line(name, [(reach, _mean(recalled[name]), None, None)]))
        else:
            level.append(name)
    axis = "half-life of the gradient before training"
    figure = Figure(axis, "half-life of recall", lines, logarithmic=True)
    remarks = [f"a seed's gradient does not fall before training, so not drawn: {', '.join(level)}"]
    return judged(comparisons, figure=figure, remarks=remarks if level else [])


def vanishing(evidence: Evidence) -> Judgement:
    """Early share below .01 and half-life below 100 steps, after training, at 200 and 1000 tokens.

    Beside it accuracy against a bag of words, which on so few reviews decides nothing.
    """
    evidence.provenance("vanishing")
    shares = evidence.probe("gradient_flow@vanishing", "shares")
    after = shares[shares["when"] == "after"]
    comparisons = []
    for length in _lengths(set(after["length"])):
        for variant, rows in after[after["length"] == length].groupby("variant", sort=False):
            if len(rows) < 2:
                continue
            # Positive where the gradient vanishes, so that "above" means what the claim says.
            early = mean([EARLY - value for value in rows["early_share"]])
            label = f"{variant}: .01 less the share of the first tenth"
            comparisons.append(Comparison(label, "of the gradient", early, 0.0, 0.0))
            falls = mean([math.log2(STEPS / min(max(value, 0.01), 1e6)) for value in rows["half_life"]])
            label = f"{variant}: half-life under {STEPS} steps"
            comparisons.append(Comparison(label, "halvings", falls, 0.0, 0.0))
    if not comparisons:
        raise NotRun("no network was trained with two seeds or more")
    reviews = int(after["reviews"].max())
    remark = (
        f"{reviews} test reviews of at least {int(after['length'].max())} tokens were followed step by step"
    )
    beside, remarks = by_length(evidence)
    return judged(
        comparisons,
        figure=_flow(evidence, set(after.loc[after["length"] == after["length"].max(), "variant"])),
        remarks=[remark, *remarks],
        beside=beside,
    )


def _lengths(read: set[int]) -> list[int]:
    """200 and 1000 tokens; the two longest cuts where texts are shorter, as generated ones are."""
    named = [length for length in LENGTHS if length in read]
    return named or sorted(read)[-2:]


def _flow(evidence: Evidence, variants: set[str]) -> Figure:
    """Gradient's norm by distance from the end after training, of some variants."""
    flow = evidence.probe("gradient_flow@vanishing", "flow")
    flow = flow[(flow["when"] == "after") & (flow["gradient"] > 0) & flow["variant"].isin(variants)]
    lines = []
    for variant, rows in flow.groupby("variant", sort=False):
        means = rows.groupby("step_from_end")["gradient"].mean()
        points = [(float(step), math.log10(value), None, None) for step, value in means.items()]
        lines.append(Line(str(variant), points))
    return Figure("steps before the end", "log10 of the gradient's norm", lines)


SECTION = Section(
    "Long-term dependencies",
    [
        Claim(
            id="memory",
            red=True,
            sentence="A plain RNN loses early words; a GRU or an LSTM keeps them.",
            measure=(
                "d½, the distance at which recall is half-way to chance; log2 of its ratio to the plain "
                "RNN's, surely above 1. On short reviews with neutral filler behind them: the accuracy that "
                "is lost from no filler to the most, the plain RNN's less the gated cell's, surely above 5 "
                "points; asked only if the plain RNN reads the reviews at all without filler."
            ),
            judge=whichever(recalled, kept),
            holds=(
                "What a plain RNN has read is lost to what follows; a gated cell keeps it more than twice as "
                "far."
            ),
            refuted="Gates neither double the memory nor keep a text that other words follow.",
            experiments=("recall", "filler"),
            literature=(
                "Hochreiter 1991; Hochreiter & Schmidhuber 1997; Bengio et al. 1994. Khandelwal et al. 2018: "
                "an LSTM language model uses about 200 words of context."
            ),
            push="experiments.recall.model.recurrent_init",
        ),
        Claim(
            id="memory-cause",
            sentence="This loss of memory is seen as vanishing gradients.",
            measure=(
                "Over three cells and how they start: rank correlation of the half-life of ∂L/∂x_t, before "
                "and after training, with d½ of the trained network, a value per seed; surely above 0."
            ),
            judge=caused,
            holds="Cells whose gradient reaches further back remember further back.",
            refuted="How far the gradient reaches does not tell how far the cell remembers.",
            experiments=("reach",),
            probes=("gradient_flow@reach",),
            push="experiments.reach.training.epochs",
            literature="Hochreiter et al. 2001; Pascanu et al. 2013.",
        ),
        Claim(
            id="vanishing-gradient",
            red=True,
            sentence="On long sequences the early steps' part of ∇W vanishes.",
            measure=(
                "Reviews of at least 1000 tokens, no masking: the share of ∇W from the first tenth of the "
                "steps, surely below .01, and the half-life of ∂L/∂x_t, surely below 100 steps, after "
                "training, at 200 and 1000 tokens; it depends if cells or initialisations split. Accuracy by "
                "length, as gain over a bag of words on the same tokens, is shown and decides nothing."
            ),
            judge=vanishing,
            holds="Whatever the cell, next to nothing of the gradient comes from the first words.",
            refuted="The first words keep their part of the gradient.",
            experiments=("vanishing",),
            probes=("gradient_flow@vanishing", "bag@vanishing"),
            literature="Hochreiter 1991; Bengio et al. 1994; Jozefowicz et al. 2015 (forget bias).",
            push="experiments.vanishing.model.forget_bias",
        ),
        Claim(
            id="gradient-sum-of-products",
            sentence="∇W is a sum over steps of products of Jacobians.",
            measure="Automatic differentiation against the sum written out; which terms carry the norm.",
            judge=checked("gradient-sum-of-products"),
            holds="The gradient is that sum, term by term.",
            refuted="The written sum is not the gradient.",
            literature="Werbos 1990; Pascanu et al. 2013.",
        ),
    ],
)
