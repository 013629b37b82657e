"""Classifiers without recurrence, to compare with: they average a text's words, or see fixed positions."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pipeline.nn.dropout import Dropout
from pipeline.nn.embedding import build_embedding
from pipeline.nn.masks import real_mask

PAD = 0
"""The tokenizer's id of padding."""


class Averager(nn.Module):
    """A text's mean word vector, through `hidden` units where there are any (Iyyer et al. 2015): any length
    fits, and order is lost."""

    def __init__(
        self, *, vocabulary: int, classes: int, embedding: int, hidden: int | None, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.embedding = build_embedding(vocabulary, embedding)
        self.dropout = Dropout(dropout)
        self.layers = _layers(embedding, hidden, classes)

    def forward(self, tokens: Int[Tensor, "B S"], lengths: Int[Tensor, "B"]) -> Float[Tensor, "B C"]:
        """Logits; every row has at least one token."""
        mask = real_mask(lengths, tokens.shape[1]).unsqueeze(-1)
        mean = (self.dropout(self.embedding(tokens)) * mask).sum(1) / lengths.unsqueeze(1)
        logits: Tensor = self.layers(mean)
        return logits


class Flat(nn.Module):
    """`positions` word vectors side by side, a weight for each, through `hidden` units: a text of another
    length is cut, or filled with padding."""

    def __init__(
        self,
        *,
        vocabulary: int,
        classes: int,
        embedding: int,
        hidden: int,
        positions: int,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.positions = positions
        self.embedding = build_embedding(vocabulary, embedding)
        self.dropout = Dropout(dropout)
        self.layers = _layers(positions * embedding, hidden, classes)

    def forward(self, tokens: Int[Tensor, "B S"], lengths: Int[Tensor, "B"]) -> Float[Tensor, "B C"]:
        """Logits; every row has at least one token."""
        rows = tokens[:, : self.positions]
        missing = self.positions - rows.shape[1]
        if missing:
            rows = torch.cat([rows, rows.new_full((len(rows), missing), PAD)], 1)
        logits: Tensor = self.layers(self.dropout(self.embedding(rows)).flatten(1))
        return logits


def _layers(inputs: int, hidden: int | None, classes: int) -> nn.Module:
    if hidden is None:
        return nn.Linear(inputs, classes)
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, classes))
