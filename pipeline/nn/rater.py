"""A text in, one of several ordered levels out."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pipeline.nn.classifier import Classifier
from pipeline.nn.rating_heads import HEADS, Head


class Rater(nn.Module):
    """The classifier's embedding, recurrent layers, pooling and output layer, and a head behind them."""

    def __init__(self, *, vocabulary: int, levels: Sequence[int], head: str, **reader: Any) -> None:
        """
        Args:
            levels: ratings, rising.
            head: a name of `HEADS`.
            reader: what else `Classifier` takes.
        """
        super().__init__()
        self.head: Head = HEADS[head](levels)
        self.reader = Classifier(vocabulary=vocabulary, classes=self.head.outputs, **reader)

    def forward(self, tokens: Int[Tensor, "B S"], lengths: Int[Tensor, "B"]) -> Float[Tensor, "B O"]:
        """What the head makes losses and ratings of, in float32 at least; rows have at least one token."""
        given: Tensor = self.reader(tokens, lengths)
        return given.to(torch.promote_types(given.dtype, torch.float32))
