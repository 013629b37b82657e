"""A window with hidden hours in, a value for every hour out."""

from typing import Literal, Unpack

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from pipeline.nn.dropout import Dropout
from pipeline.nn.recurrent import Recurrent, RecurrentOptions

Normalise = Literal["none", "window"]
FLAT = 1e-2
"""Least spread that a window is divided by, in standard deviations of training: some never move."""


class Imputer(nn.Module):
    """Recurrent layers over all hours, and a linear layer from each one's state to its channels.

    A hidden hour is read as zeros with a mark beside them (Lipton et al. 2016). Two directions read it from
    both ends, as in BRITS (Cao et al. 2018), under one output layer.
    """

    def __init__(
        self,
        *,
        channels: int,
        hidden: int = 64,
        bidirectional: bool = False,
        normalise: Normalise = "none",
        dropout: float = 0.0,
        **recurrent: Unpack[RecurrentOptions],
    ) -> None:
        """`normalise`: `window` takes the mean of what can be seen off each channel, divides by its spread,
        and gives both back to the answers."""
        super().__init__()
        self.normalise = normalise
        self.recurrent = Recurrent(
            input_size=channels + 1,
            hidden_size=hidden,
            bidirectional=bidirectional,
            dropout=dropout,
            **recurrent,
        )
        self.dropout = Dropout(dropout, per_sequence=self.recurrent.per_sequence)
        self.output = nn.Linear(self.recurrent.output_size, channels)

    def forward(self, values: Float[Tensor, "B S C"], hidden: Bool[Tensor, "B S"]) -> Float[Tensor, "B S C"]:
        """In float32 at least. Hidden values are never looked at; not all hours of a row are hidden."""
        mark = hidden.unsqueeze(-1)
        seen = values.masked_fill(mark, 0)
        level, scale = self._measured(seen, ~mark)
        steps = ((seen - level) / scale).masked_fill(mark, 0)
        outputs, _ = self.recurrent(torch.cat((steps, mark.to(steps.dtype)), -1))
        found: Tensor = self.output(self.dropout(outputs, steps=1))
        return found.to(torch.promote_types(found.dtype, torch.float32)) * scale + level

    def _measured(self, seen: Tensor, visible: Tensor) -> tuple[Tensor, Tensor]:
        """Level and scale of each channel of each window, (B, 1, C); or (1,) where they are fixed."""
        if self.normalise == "none":
            return seen.new_zeros(1), seen.new_ones(1)
        count = visible.sum(1, keepdim=True)
        level = seen.sum(1, keepdim=True) / count
        spread = ((seen - level) * visible).square().sum(1, keepdim=True) / count
        return level, spread.sqrt().clamp(min=FLAT)
