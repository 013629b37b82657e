"""What a recurrent layer remembers before the first step."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

InitialKind = Literal["zero", "random", "learned"]
FinalState = tuple[Tensor, ...]
"""(h,) or, of an LSTM, (h, c); each L B H*dirs."""


class InitialState(nn.Module):
    """`zero`; `random`; or `learned`, parameters that start at zero.

    Random is drawn from N(0, 1), afresh for every row and pass, in training. Evaluation takes the
    distribution's mean, zero: answers must not change from one time to the next, nor with a row's neighbours.
    """

    def __init__(self, kind: InitialKind, *, parts: int, layers: int, units: int) -> None:
        """`parts`: 1, or 2 of an LSTM; `units`: H*dirs."""
        super().__init__()
        self.kind, self.shape = kind, (parts, layers, units)
        if kind == "learned":
            self.state = nn.Parameter(torch.zeros(parts, layers, 1, units))

    def forward(self, steps: Float[Tensor, "S B D"]) -> FinalState | None:
        """For the rows that are about to be read; None is zero."""
        parts, layers, units = self.shape
        rows = steps.shape[1]
        if self.kind == "learned":
            return self.state.expand(parts, layers, rows, units).unbind()
        if self.kind == "random" and self.training:
            return torch.randn(parts, layers, rows, units, dtype=steps.dtype, device=steps.device).unbind()
        return None
