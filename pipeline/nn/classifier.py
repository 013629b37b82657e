"""A text in, one class out."""

import math
from typing import Literal, Unpack

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pipeline.nn.attention import attention_weights
from pipeline.nn.dropout import Dropout
from pipeline.nn.embedding import build_embedding
from pipeline.nn.masks import real_mask
from pipeline.nn.recurrent import Recurrent, RecurrentOptions

UNKNOWN = 1
"""The tokenizer's id of a word it does not know."""


class Classifier(nn.Module):
    """Embedding, recurrent layers, a summary of their outputs, a linear layer."""

    def __init__(
        self,
        *,
        vocabulary: int,
        classes: int,
        inputs: Literal["embedding", "one_hot"] = "embedding",
        embedding: int = 128,
        hidden: int = 128,
        bidirectional: bool = False,
        reversed: bool = False,
        pooling: Literal["last", "mean", "max", "attention"] = "last",
        dropout: float = 0.0,
        word_dropout: float = 0.0,
        **recurrent: Unpack[RecurrentOptions],
    ) -> None:
        """`word_dropout` is the share of each text's word types that training reads as unknown.

        A type is dropped wherever it stands in the text (Gal and Ghahramani 2016, section 4.2): dropped place
        by place, a word that is said twice would seldom be missing.

        `attention` pooling weighs each output by a learned score of it alone (Raffel and Ellis 2016).

        A one-hot word picks a column of the gates' input weights. So `one_hot` is an embedding of the gates'
        size, looked up and not multiplied; its dropout is `word_dropout`, `embedding` is not used.
        """
        super().__init__()
        self.pooling = pooling
        self.word_dropout = word_dropout
        self.one_hot = inputs == "one_hot"
        if not self.one_hot:
            self.embedding = build_embedding(vocabulary, embedding)
        self.recurrent = Recurrent(
            input_size=None if self.one_hot else embedding,
            hidden_size=hidden,
            bidirectional=bidirectional,
            reversed=reversed,
            dropout=dropout,
            **recurrent,
        )
        if self.one_hot:
            self.embedding = nn.Embedding(vocabulary, self.recurrent.projected_size)
            bound = 1 / math.sqrt(hidden)
            nn.init.uniform_(self.embedding.weight, -bound, bound)
        self.dropout = Dropout(dropout, per_sequence=self.recurrent.per_sequence)
        if pooling == "attention":
            self.score = nn.Linear(self.recurrent.output_size, 1, bias=False)
        self.output = nn.Linear(self.recurrent.output_size, classes)

    def forward(self, tokens: Int[Tensor, "B S"], lengths: Int[Tensor, "B"]) -> Float[Tensor, "B C"]:
        """Logits; every row has at least one token."""
        if self.training and self.word_dropout:
            types = torch.rand(len(tokens), self.embedding.num_embeddings, device=tokens.device)
            tokens = tokens.masked_fill(types.gather(1, tokens) < self.word_dropout, UNKNOWN)
        # Looked up in the order in which the recurrence reads: transposing back costs no copy.
        steps = self.embedding(tokens.t())
        if not self.one_hot:
            steps = self.dropout(steps, steps=0)
        outputs, final = self.recurrent(steps.transpose(0, 1), lengths)
        logits: Tensor = self.output(self.dropout(self._pool(outputs, final[0][-1], lengths)))
        return logits

    def _pool(
        self, outputs: Float[Tensor, "B S H"], last: Float[Tensor, "B H"], lengths: Int[Tensor, "B"]
    ) -> Float[Tensor, "B H"]:
        if self.pooling == "last":
            return last
        if self.pooling == "mean":
            return outputs.sum(1) / lengths.unsqueeze(1)
        mask = real_mask(lengths, outputs.shape[1])
        if self.pooling == "attention":
            weights = attention_weights(self.score(outputs).mT, mask)
            return (weights.to(outputs.dtype) @ outputs).squeeze(1)
        return outputs.masked_fill(~mask.unsqueeze(-1), -torch.inf).amax(1)
