"""Improvements: embeddings and depth."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import Contrast, checked, contrasts, together

SECTION = Section(
    "Improvements",
    [
        Claim(
            id="seq2seq-embeddings",
            sentence="Embeddings improve on one-hot words.",
            measure=(
                "A one-hot word times a matrix against a row of it; accuracy on sentiment with embeddings "
                "against one-hot inputs."
            ),
            judge=together(
                checked("seq2seq-embeddings"),
                contrasts(Contrast("inputs", "embedding", "one_hot", "accuracy")),
            ),
            holds="One-hot inputs are an embedding as wide as the gates; a narrow one of its own is better.",
            refuted="One-hot inputs are an embedding as wide as the gates, and no worse.",
            experiments=("inputs",),
            literature="Bengio et al. 2003.",
            push="experiments.inputs.model.embedding",
        ),
        Claim(
            id="seq2seq-deep",
            sentence="Deep LSTMs, each level's states to the same level, help with long texts.",
            measure=(
                "BLEU of two layers against one at equal parameters; level to level against the top alone."
            ),
            judge=contrasts(
                Contrast("translation_decoder", "deep", "base", "bleu"),
                Contrast("translation_decoder", "deep", "deep_top", "bleu"),
            ),
            holds="Depth helps, and so does handing every level its own state.",
            refuted="At equal parameters neither depth nor states level by level help.",
            experiments=("translation_decoder",),
            literature="Sutskever et al. 2014 (four layers); Britz et al. 2017.",
            push="experiments.translation_decoder.model.layers",
        ),
    ],
)
