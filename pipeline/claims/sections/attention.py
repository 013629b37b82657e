"""The attention mechanism: long sentences, weights, alignment, coverage."""

from pipeline.claims.claim import Claim, Judgement, Section, judged
from pipeline.claims.evidence import Evidence
from pipeline.claims.judges import Contrast, checked, contrasts, together
from pipeline.claims.statistics import Comparison, combined

KINDS = ("bahdanau", "luong")
GAIN = 3.0
"""BLEU that attention must gain more on joined sentences than on single ones."""


def long_sentences(evidence: Evidence) -> Judgement:
    """(attention - none) on three or four joined sentences, less the same on single ones."""
    single = str(evidence.table("joined", "scores")["split"].iloc[0])
    comparisons = []
    for kind in KINDS:
        splits = (f"{single}_joined", single)
        apart = [evidence.difference("joined", kind, "none", "bleu", split) for split in splits]
        number = combined([(1.0, apart[0]), (-1.0, apart[1])])
        comparisons.append(Comparison(f"{kind} against none", "BLEU more on joined", number, GAIN, GAIN))
    return judged(comparisons)


SECTION = Section(
    "Attention",
    [
        Claim(
            id="attention-long",
            red=True,
            sentence="One context vector is too small for long sentences; attention helps there most.",
            measure=(
                "BLEU gained by attention on 3-4 joined sentences less that on single ones, surely above 3."
            ),
            judge=long_sentences,
            holds="What attention gains grows with the sentence.",
            refuted="Attention gains as much on short sentences as on long ones.",
            experiments=("joined",),
            literature="Bahdanau et al. 2015, Figure 2; Luong et al. 2015, Figure 3.",
            push="experiments.joined.model.hidden",
        ),
        Claim(
            id="attention-weights",
            sentence="Weights are e/Σe, lie in [0, 1], and so become a softmax.",
            measure="Range and sums of both ways; where e/Σe fails; BLEU of softmax against e/Σe.",
            judge=checked("attention-weights"),
            holds="Both ways give weights in [0, 1].",
            refuted=(
                "Only the softmax stays in [0, 1]: e/Σe leaves it with a negative score and fails at sum 0."
            ),
            literature="Bahdanau et al. 2015, equation 6.",
        ),
        Claim(
            id="attention-not-parameters",
            sentence="Attention brings sl x tl new variables; s is hidden and cell state.",
            measure="Parameters as sentences grow; BLEU of asking with [h; c] against h, surely above 0.",
            judge=together(
                checked("attention-not-parameters"),
                contrasts(Contrast("translation_attention", "cell_too", "general", "bleu")),
            ),
            holds="Weights are computed, not learned, and asking with the cell state too helps.",
            refuted="Weights are computed, not learned: no parameter is added by a longer sentence.",
            experiments=("translation_attention",),
            literature="Bahdanau et al. 2015.",
            push="experiments.translation_attention.model.query",
        ),
        Claim(
            id="attention-alignment",
            sentence="The heat map of the weights shows the alignment.",
            measure="Alignment error rate against gold links, surely .10 under the diagonal's.",
            judge=checked("attention-alignment"),
            holds="The weights find the words that belong together.",
            refuted="The diagonal aligns as well as the weights do.",
            experiments=("translation",),
            literature="Koehn & Knowles 2017; Jain & Wallace 2019.",
        ),
        Claim(
            id="attention-coverage",
            sentence="What has been said loses its weight; another word order moves the weights.",
            measure="Weight on covered source words against an even share; weights under both Hindi orders.",
            judge=checked("attention-coverage"),
            holds="Covered words keep little weight, and the weights follow the order that is written.",
            refuted="Covered words keep their weight.",
            experiments=("translation_en_hi",),
            literature="Tu et al. 2016 (coverage).",
        ),
    ],
)
