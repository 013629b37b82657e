"""The attention mechanism: long sentences, weights, alignment, coverage."""

from pipeline.claims.claim import Claim, Judgement, Section, judged
from pipeline.claims.evidence import Evidence, NotRun
from pipeline.claims.judges import Contrast, checked, contrasts, together
from pipeline.claims.statistics import Comparison, combined, mean
from pipeline.claims.verdict import Verdict

KINDS = ("bahdanau", "luong")
GAIN = 3.0
"""BLEU that attention must gain more on joined sentences than on single ones."""
ALIGNED = 0.1
"""Alignment error rate by which weights must be ahead of the diagonal."""
COVERED = 0.5
"""Share of an even spread that covered words may keep."""


def long_sentences(evidence: Evidence) -> Judgement:
    """(attention - none) on three or four joined sentences, less the same on single ones.

    That is what the network without attention loses by joining, less what attention loses. Where it has too
    little on single sentences to lose as much, even 0 BLEU on joined ones would be under the threshold: that
    is no evidence against the claim, so it is inconclusive.
    """
    single = str(evidence.table("joined", "scores")["split"].iloc[0])
    splits = (f"{single}_joined", single)
    bleu = {
        (kind, split): mean(evidence.values("joined", kind, "bleu", split)).value
        for kind in ("none", *KINDS)
        for split in splits
    }
    comparisons, floored = [], []
    for kind in KINDS:
        apart = [evidence.difference("joined", kind, "none", "bleu", split) for split in splits]
        number = combined([(1.0, apart[0]), (-1.0, apart[1])])
        comparisons.append(Comparison(f"{kind} against none", "BLEU more on joined", number, GAIN, GAIN))
        lost = bleu[kind, single] - bleu[kind, splits[0]]
        if bleu["none", single] <= lost + GAIN:
            floored.append(f"{kind} loses {lost:.1f}")
    if not floored:
        return judged(comparisons)
    remark = (
        f"without attention {bleu['none', single]:.1f} BLEU on single sentences are too few to lose "
        f"{GAIN:g} more by joining than with it: {', '.join(floored)}"
    )
    return judged(comparisons, settled=Verdict.INCONCLUSIVE, remarks=[remark])


def alignment(evidence: Evidence) -> Judgement:
    """Error rate on reordered pairs, the diagonal's less the weights'."""
    table = evidence.table("alignment", "alignment")
    table = table[table["order"] == 0]
    comparisons = [
        Comparison(
            f"{variant}, diagonal's error less its own, reordered pairs",
            "of alignment error rate",
            mean((rows["aer_reordered_diagonal"] - rows["aer_reordered"]).tolist()),
            ALIGNED,
            ALIGNED,
        )
        for variant, rows in table.groupby("variant", sort=False)
        if len(rows) > 1
    ]
    if not comparisons:
        raise NotRun("experiment alignment has one seed, which tells nothing of chance")
    entropies = ", ".join(f"{name} {rows['entropy'].mean():.2f}" for name, rows in table.groupby("variant"))
    return judged(comparisons, remarks=[f"entropy of the weights in bits: {entropies}"])


def coverage(evidence: Evidence) -> Judgement:
    """Weight on covered words against half of an even share; error rate under another Hindi order."""
    table = evidence.table("coverage", "alignment")
    comparisons = []
    for variant, rows in table.groupby("variant", sort=False):
        first, other = (rows[rows["order"] == order] for order in (0, 1))
        if len(first) < 2 or len(other) < 2:
            raise NotRun("experiment coverage has too few seeds or no second order")
        kept = mean([COVERED - value for value in first["covered"]])
        label = f"{variant}, half an even share less the weight on covered words"
        comparisons.append(Comparison(label, "of an even share", kept, 0.0, 0.0))
        follows = mean((other["aer_diagonal"] - other["aer"]).tolist())
        label = f"{variant}, diagonal's error less its own, the other order forced"
        comparisons.append(Comparison(label, "of alignment error rate", follows, ALIGNED, ALIGNED))
    return judged(comparisons)


SECTION = Section(
    "Attention",
    [
        Claim(
            id="attention-long",
            red=True,
            sentence="One context vector is too small for long sentences; attention helps there most.",
            measure=(
                "BLEU gained by attention on 3-4 joined sentences less that on single ones, surely above 3; "
                "told only where the network without attention has that much to lose."
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
            measure=(
                "Alignment error rate against gold links, which generated pairs have, surely .10 under the "
                "diagonal's."
            ),
            judge=alignment,
            holds="The weights find the words that belong together.",
            refuted="The diagonal aligns as well as the weights do.",
            experiments=("alignment",),
            literature="Koehn & Knowles 2017; Jain & Wallace 2019.",
        ),
        Claim(
            id="attention-coverage",
            sentence="What has been said loses its weight; another word order moves the weights.",
            measure=(
                "In generated pairs: weight on covered source words against an even share; weights under "
                "both Hindi orders."
            ),
            judge=coverage,
            holds="Covered words keep little weight, and the weights follow the order that is written.",
            refuted="Covered words keep their weight.",
            experiments=("coverage",),
            literature="Tu et al. 2016 (coverage).",
        ),
    ],
)
