"""LSTMs: two states, and what each gate is for."""

from collections.abc import Sequence

import pandas as pd

from pipeline.claims.claim import Claim, Figure, Judgement, Line, Point, Section, judged
from pipeline.claims.evidence import Evidence, NotRun
from pipeline.claims.half_lives import Outlasts, outlasting
from pipeline.claims.judges import Contrast, checked, contrasts, together
from pipeline.claims.statistics import Comparison, mean

PLAIN = "none"
"""The variant without dropout, which nothing keeps from using its states as it likes."""


HELD = {"open_input": "input gate open", "open_forget": "forget gate open", "open_output": "output open"}


def gates(evidence: Evidence) -> Judgement:
    """How much shorter the memory is with a gate held open."""
    wanted = [Outlasts("lstm", variant, 0.0, f"lstm against {label}") for variant, label in HELD.items()]
    return outlasting(evidence, "gates", wanted)


def two_states(evidence: Evidence) -> Judgement:
    """Is the old read from c rather than h, is it what is lost with c, and is the new what is lost with h?

    Raises:
        NotRun: the plain language model was not looked into, or has one seed.
    """
    evidence.provenance("language")
    told, lost = (_seen(evidence, "readout", "accuracy"), _seen(evidence, "damage", "nll"))
    near, *_ = back = sorted({k for _, k in told})
    far = back[-2:]
    named = f"{far[0]} and {far[1]} steps back"
    comparisons = [
        Comparison(label, unit, mean(values), 0.0, 0.0)
        for label, unit, values in (
            (f"words {named} told from c less from h", "points of accuracy", _less(told, "c", "h", far, 100)),
            (f"lost with c less with h, {named}", "nats a word", _less(lost, "c", "h", far)),
            (f"lost with h less with c, {near} steps back", "nats a word", _less(lost, "h", "c", [near])),
        )
    ]
    chance = _mean(_seen(evidence, "readout", "chance"), "c", far)
    remark = (
        f"words {named} are told right {_mean(told, 'c', far):.3f} of the time from c, "
        f"{_mean(told, 'h', far):.3f} from h, {chance:.3f} from nothing"
    )
    return judged(comparisons, figure=_told(told), remarks=[remark])


Seen = dict[tuple[str, int], pd.Series]
"""(state, steps back) -> a value per seed."""


def _seen(evidence: Evidence, table: str, column: str) -> Seen:
    rows = evidence.probe("states@language", table)
    rows = rows[rows["variant"] == PLAIN]
    if rows["seed"].nunique() < 2:
        raise NotRun(f"probe states@language has not seen two seeds of {PLAIN}")
    groups = rows.set_index("seed").groupby(["state", "back"])[column]
    return {(str(state), int(back)): values for (state, back), values in groups}


def _less(seen: Seen, a: str, b: str, back: Sequence[int], factor: float = 1) -> list[float]:
    """Per seed, mean over steps back: both states are of one network."""
    differences = sum(seen[a, k] - seen[b, k] for k in back) / len(back) * factor
    return [float(each) for each in differences]


def _mean(seen: Seen, state: str, back: Sequence[int]) -> float:
    return float(sum(seen[state, k].mean() for k in back) / len(back))


def _told(seen: Seen) -> Figure:
    lines: dict[str, list[Point]] = {"h": [], "c": []}
    for (state, back), values in sorted(seen.items()):
        low, high = mean(values.tolist()).interval
        lines[state].append((float(back), float(values.mean()), max(low, 0.0), min(high, 1.0)))
    return Figure("steps back", "accuracy of the word told", [Line(*line) for line in lines.items()])


SECTION = Section(
    "LSTMs",
    [
        Claim(
            id="lstm-two-states",
            sentence=(
                "An LSTM hands on two d-vectors; gates lie in [0, 1], c is f·c + i·c̄, and h lies in [-1, 1]."
            ),
            measure="Bounds, shapes and the identity, on random cells and inputs.",
            judge=checked("lstm-two-states"),
            holds="The equations and bounds are exact.",
            refuted="A bound or the identity fails.",
            literature="Hochreiter & Schmidhuber 1997; Gers et al. 2000.",
        ),
        Claim(
            id="lstm-short-long",
            sentence="h is the short-term and c the long-term memory.",
            measure=(
                "In a language model without dropout: how often a linear probe tells the word k steps back "
                "from c, less from h, and the nats that a word costs more k steps after c is zeroed, less "
                "after h is, both over the two furthest k; at the first step after, what h's loss costs less "
                "c's. All surely above 0."
            ),
            judge=two_states,
            holds="Old words are read from c and lost with it; h matters for the word that comes next.",
            refuted="h holds the old as well as c does, and the next word hangs on c more than on h.",
            experiments=("language",),
            probes=("states@language",),
            literature=(
                "Karpathy et al. 2015 (cells that keep track of a line's length). Khandelwal et al. 2018: a "
                "language model uses about 200 words before, and the order of the last 50."
            ),
            push="experiments.language.model.forget_bias",
        ),
        Claim(
            id="lstm-gates",
            sentence="The input gate admits, the forget gate keeps, the output gate releases.",
            measure=(
                "Half-life and accuracy of recall, of a whole LSTM against one with a gate held open: surely "
                "longer and better."
            ),
            judge=together(
                gates,
                contrasts(
                    *(
                        Contrast("gates", "lstm", variant, "accuracy", label=f"lstm against {label}, recall")
                        for variant, label in HELD.items()
                    )
                ),
            ),
            holds="Each gate that is held open shortens the memory and spoils the answers.",
            refuted="No gate that is held open shortens the memory.",
            experiments=("gates",),
            pictures=("gates@filler",),
            literature="Greff et al. 2017 (the forget and output gates matter most).",
            push="experiments.gates.model.held_gates",
        ),
        Claim(
            id="lstm-forget-gate",
            sentence="The higher the forget gate's value, the more of the cell state is kept.",
            measure="What is left of a disturbed c after k steps; recall with a forget bias of 3 against 0.",
            judge=together(
                checked("lstm-forget-gate"),
                contrasts(Contrast("gates", "bias_3", "bias_0", "accuracy")),
            ),
            holds="What remains is the product of the gates, and a high bias from the start helps to recall.",
            refuted="A higher gate does not keep more.",
            experiments=("gates",),
            literature="Gers et al. 2000; Jozefowicz et al. 2015.",
            push="experiments.gates.model.forget_bias",
        ),
    ],
)
