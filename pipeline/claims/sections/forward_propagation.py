"""Forward propagation: the chain of outputs, and the sigmoid at its end."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import checked

SECTION = Section(
    "Forward propagation",
    [
        Claim(
            id="forward-sigmoid",
            sentence=(
                "Each O_t is made of the word and O_{t-1}; a sigmoid ends the chain, as the task is binary."
            ),
            measure=(
                "The chain written out against the network; a sigmoid with cross-entropy against a softmax "
                "over two classes."
            ),
            judge=checked("forward-sigmoid"),
            holds="The sigmoid of z is the two-way softmax of (0, z): they are one model, not two.",
            refuted="The chain or the sigmoid differs from what the network computes.",
            literature="Bishop 2006, section 4.3.4.",
        )
    ],
)
