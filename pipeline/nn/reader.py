"""A classifier that can also be taught to read: which word comes next."""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pipeline.nn.classifier import Classifier
from pipeline.nn.language_model import NOTHING
from pipeline.nn.loss import linear_cross_entropy
from pipeline.nn.recurrent import FinalState


class ReadingClassifier(Classifier):
    """`Classifier` that also scores next words, by the table that it reads them with (Press and Wolf 2017).

    Embedding and recurrent layers learn from running text, where labels cost nothing, and then serve the
    classes: Dai and Le 2015, section 2 (LM-LSTM).
    """

    def __init__(self, *, vocabulary: int, **options: Any) -> None:
        """`options` are `Classifier`'s; texts are read forwards, in one direction."""
        super().__init__(vocabulary=vocabulary, **options)
        self.to_word = nn.Linear(self.recurrent.output_size, self.embedding.embedding_dim)
        self.word_bias = nn.Parameter(torch.zeros(vocabulary))

    def reading_loss(
        self, tokens: Int[Tensor, "B S"], targets: Int[Tensor, "B S"], state: FinalState | None
    ) -> tuple[Float[Tensor, ""], FinalState]:
        """As `LanguageModel.loss`: the targets' summed negative log-likelihoods, and the state, detached."""
        embedded = self.dropout(self.embedding(tokens))
        outputs, final = self.recurrent(embedded, initial=state)
        real = targets != NOTHING
        chosen = self.to_word(self.dropout(outputs)[real])
        total, _ = linear_cross_entropy(chosen, self.embedding.weight, self.word_bias, targets[real])
        return total, tuple(part.detach() for part in final)
