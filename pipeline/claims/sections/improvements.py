"""Improvements: embeddings and depth."""

from dataclasses import replace

from pipeline.claims.claim import Claim, Figure, Judgement, Line, Point, Section, judged
from pipeline.claims.evidence import Evidence
from pipeline.claims.judges import Contrast, checked, contrasts, together
from pipeline.claims.statistics import Side, mean
from pipeline.claims.verdict import Verdict

TRANSLATOR = "translation_decoder"
DEPTHS = ("deep", "deeper")
"""Two and four layers; `base` has one."""
FEW = 20
"""Sentences without which a bucket's BLEU is not drawn."""


def depth(evidence: Evidence) -> Judgement:
    """Several layers against one, and states handed on level by level against the top's alone.

    The sentence says both, so that it is refuted where every depth is surely worse, whatever the states do.
    """
    depths = contrasts(*(Contrast(TRANSLATOR, name, "base", "bleu") for name in DEPTHS))(evidence)
    states = contrasts(Contrast(TRANSLATOR, "deep", "deep_top", "bleu"))(evidence)
    found = judged([*depths.comparisons, *states.comparisons])
    sides = {one.side for one in found.comparisons[: len(depths.comparisons)]}
    settled = Verdict.REFUTED if sides == {Side.BELOW} else None
    return replace(found, figure=_by_length(evidence), settled=settled, remarks=depths.remarks)


def _by_length(evidence: Evidence) -> Figure:
    rows = evidence.table(TRANSLATOR, "bleu_by_length")
    rows = rows[(rows["split"] == rows["split"].iloc[0]) & (rows["sentences"] >= FEW)].sort_values("low")
    lines = []
    for variant in ("base", *DEPTHS):
        points: list[Point] = []
        for bucket, seeds in rows[rows["variant"] == variant].groupby("bucket", sort=False)["bleu"]:
            low, high = mean(seeds.tolist()).interval
            points.append((str(bucket), float(seeds.mean()), max(low, 0.0), high))
        if points:
            lines.append(Line(variant, points))
    return Figure("source words", "BLEU", lines)


SECTION = Section(
    "Improvements",
    [
        Claim(
            id="seq2seq-embeddings",
            sentence="Embeddings improve on one-hot words.",
            measure=(
                "A one-hot word times a matrix against a row of it; accuracy on sentiment with embeddings "
                "against one-hot inputs, and BLEU with embeddings as wide as the state against ones as wide "
                "as the gates, which can do what a one-hot word can."
            ),
            judge=together(
                checked("seq2seq-embeddings"),
                contrasts(
                    Contrast("inputs", "embedding", "one_hot", "accuracy"),
                    Contrast("translation_inputs", "embedding", "gates", "bleu"),
                ),
            ),
            holds="One-hot inputs are an embedding as wide as the gates; a narrow one of its own is better.",
            refuted="One-hot inputs are an embedding as wide as the gates, and no worse.",
            experiments=("inputs", "translation_inputs"),
            literature="Bengio et al. 2003.",
            push="experiments.translation_inputs.model.embedding",
        ),
        Claim(
            id="seq2seq-deep",
            sentence="Deep LSTMs, each level's states to the same level, help with long texts.",
            measure=(
                "BLEU of two and of four layers against one at equal parameters, and of states handed on "
                "level to level against the top's alone, surely above 0; refuted where both depths are "
                "surely below."
            ),
            judge=depth,
            holds="Depth helps, and so does handing every level its own state.",
            refuted="At equal parameters a deeper translator is a worse one.",
            experiments=(TRANSLATOR,),
            literature="Sutskever et al. 2014 (four layers, not at equal size); Britz et al. 2017.",
            push="experiments.translation_decoder.model.layers",
        ),
    ],
)
