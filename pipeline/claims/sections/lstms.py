"""LSTMs: two states, and what each gate is for."""

from pipeline.claims.claim import Claim, Judgement, Section, judged
from pipeline.claims.evidence import Evidence
from pipeline.claims.half_lives import half_lives
from pipeline.claims.judges import Contrast, checked, contrasts, together
from pipeline.claims.statistics import Comparison, log_ratio


def gates(evidence: Evidence) -> Judgement:
    """How much shorter the memory is with a gate held open, or with one gate fewer."""
    whole = half_lives(evidence, "gates", "lstm")
    names = {"open_input": "input gate open", "open_forget": "forget gate open", "open_output": "output open"}
    comparisons = [
        Comparison(
            f"lstm against {label}",
            "doublings of the half-life",
            log_ratio(whole, half_lives(evidence, "gates", variant)),
            0.0,
            0.0,
        )
        for variant, label in names.items()
    ]
    return judged(comparisons)


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
                "A linear probe for the symbol k steps back from h and from c; damage when one is zeroed."
            ),
            judge=checked("lstm-short-long"),
            holds="Old symbols are read from c, new ones from h.",
            refuted="h tells of old symbols as well as c does.",
            literature="Karpathy et al. 2015.",
        ),
        Claim(
            id="lstm-gates",
            sentence="The input gate admits, the forget gate keeps, the output gate releases.",
            measure="Half-life of recall of a whole LSTM against one whose gate is held open.",
            judge=gates,
            holds="Each gate that is held open shortens the memory.",
            refuted="No gate that is held open shortens the memory.",
            experiments=("gates",),
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
