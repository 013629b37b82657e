"""The past of some channels in, their future out, all of it at once."""

from typing import Literal, Unpack

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pipeline.nn.dropout import Dropout
from pipeline.nn.recurrent import Recurrent, RecurrentOptions

Normalise = Literal["none", "last", "window"]
FLAT = 1e-2
"""Least spread that a window is divided by, in standard deviations of training: some never move."""


class Forecaster(nn.Module):
    """Recurrent layers over the past, and a linear layer from their final state to every hour of the future.

    No forecast is read again, so that errors don't pile up over the horizon (Ben Taieb et al. 2012, the MIMO
    strategy).
    """

    def __init__(
        self,
        *,
        channels: int,
        horizon: int,
        hidden: int = 64,
        bidirectional: bool = False,
        patch: int = 1,
        apart: bool = False,
        normalise: Normalise = "none",
        dropout: float = 0.0,
        **recurrent: Unpack[RecurrentOptions],
    ) -> None:
        """
        Args:
            patch: hours that one step of the recurrence reads (Lin et al. 2023, SegRNN).
            apart: one network reads each channel by itself (Nie et al. 2023, channel-independence).
            normalise: what is taken off each channel of a window and given back to its forecast: nothing, its
                last value (Zeng et al. 2023, NLinear), or its mean, divided by its spread (Kim et al. 2022,
                RevIN without learned weights).
        """
        super().__init__()
        self.channels, self.horizon, self.apart, self.normalise = channels, horizon, apart, normalise
        width = 1 if apart else channels
        self.step = width * patch
        """Numbers that one step reads."""
        self.recurrent = Recurrent(
            input_size=self.step,
            hidden_size=hidden,
            bidirectional=bidirectional,
            dropout=dropout,
            **recurrent,
        )
        self.dropout = Dropout(dropout)
        self.output = nn.Linear(self.recurrent.output_size, horizon * width)

    def forward(self, past: Float[Tensor, "B S C"]) -> Float[Tensor, "B T C"]:
        """In float32 at least; S is a multiple of `patch`."""
        level, scale = self._measured(past)
        steps = (past - level) / scale
        if self.apart:
            steps = steps.mT.reshape(-1, past.shape[1], 1)
        _, final = self.recurrent(steps.reshape(len(steps), -1, self.step))
        found: Tensor = self.output(self.dropout(final[0][-1]))
        found = found.to(torch.promote_types(found.dtype, torch.float32))
        if self.apart:
            forecast = found.view(len(past), self.channels, self.horizon).mT
        else:
            forecast = found.view(len(past), self.horizon, self.channels)
        return forecast * scale + level

    def _measured(self, past: Float[Tensor, "B S C"]) -> tuple[Tensor, Tensor]:
        """Level and scale of each channel of each window, (B, 1, C); or (1,) where they are fixed."""
        zero, one = past.new_zeros(1), past.new_ones(1)
        match self.normalise:
            case "last":
                return past[:, -1:], one
            case "window":
                spread = past.std(1, keepdim=True, correction=0).clamp(min=FLAT)
                return past.mean(1, keepdim=True), spread
            case _:
                return zero, one
