"""Limitations: steps one after the other, and transfer."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import Contrast, Contrasts, checked, together
from pipeline.claims.step_times import grows

LABELS = (100, 500, 2000)
PAIRS = (500, 2000)

SECTION = Section(
    "Limitations of attention",
    [
        Claim(
            id="limits-sequential",
            sentence="Training time grows as batch x (source + target); steps cannot run in parallel.",
            measure=(
                "Which step needs which. Time of a training step ~ (S + T)^p batch^q over lengths and batch "
                "sizes, on one device that has nothing else to do, a fit per repeat (counted as seeds): p "
                "surely inside .8 to 1.2, and q surely above .5; surely below it a larger batch is free."
            ),
            judge=together(checked("limits-sequential"), grows),
            holds="Every step waits for the one before it; time grows as the words, and with the batch.",
            refuted="Steps do not wait for each other, or time grows neither as words nor with the batch.",
            probes=("timing",),
            literature="Vaswani et al. 2017, Table 1.",
            push="timing.hidden",
        ),
        Claim(
            id="limits-transfer",
            red=True,
            sentence="Transfer learning cannot be used for this architecture.",
            measure=(
                "Accuracy on few labels after reading unlabelled reviews, and BLEU on few pairs after "
                "learning another target language, against starting fresh: the claim is refuted if the gain "
                "is surely 2 points or 1 BLEU or more at some number of labels or pairs."
            ),
            judge=Contrasts(
                [
                    *(
                        Contrast(
                            "transfer",
                            f"fresh_{n}",
                            f"read_{n}",
                            "accuracy",
                            -2,
                            label=f"fresh less reading first, {n} labels",
                        )
                        for n in LABELS
                    ),
                    *(
                        Contrast(
                            "parent",
                            f"fresh_{n}",
                            f"parent_{n}",
                            "bleu",
                            -1,
                            label=f"fresh less another language first, {n} pairs",
                        )
                        for n in PAIRS
                    ),
                ],
                any_refutes=True,
            ),
            holds="What a network has learned before gains nothing.",
            refuted="A network that has learned something akin needs fewer examples: transfer works.",
            experiments=("transfer", "parent"),
            literature="Dai & Le 2015; Howard & Ruder 2018; Zoph et al. 2016.",
            push="experiments.parent.data.parent.epochs",
        ),
    ],
)
