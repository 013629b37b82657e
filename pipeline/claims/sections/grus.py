"""GRUs: one state, two gates that look alike."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import Contrast, checked, contrasts, together

SECTION = Section(
    "GRUs",
    [
        Claim(
            id="gru-one-state",
            sentence=(
                "A GRU keeps a hidden state only; its reset gate has h's size; its two gates are alike but "
                "separate layers."
            ),
            measure=(
                "Counts and shapes; 3 : 4 of an LSTM's parameters; accuracy of two gates against one that "
                "serves as both, surely above 1 point."
            ),
            judge=together(
                checked("gru-one-state"),
                contrasts(Contrast("gates", "gru", "gru_tied", "accuracy", above=1)),
            ),
            holds="One state, three quarters of an LSTM's weights, and both gates are needed.",
            refuted="The counts are as said, but one gate serves as both.",
            experiments=("gates",),
            literature="Cho et al. 2014; Zhou et al. 2016 (minimal gated unit).",
            push="experiments.gates.model.coupled_gates",
        )
    ],
)
