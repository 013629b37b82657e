"""Dropout with cheap random numbers."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LEVELS = 2**16


def dropout(inputs: Tensor, share: float, training: bool, *, same: int | None = None) -> Tensor:
    """As `torch.nn.functional.dropout`, whose CPU kernel takes four times as long.

    Along the axis `same` one mask serves all. A 64-bit random number decides over four elements; `share` is
    rounded to 1 / 65536.
    """
    if not training or share == 0:
        return inputs
    if same is None and inputs.device.type != "cpu":
        return F.dropout(inputs, share)
    shape = list(inputs.shape)
    if same is not None:
        shape[same] = 1
    kept = keep_mask(shape, share, inputs.device)
    return inputs * (kept.to(inputs.dtype) * (LEVELS / (LEVELS - round(share * LEVELS))))


def keep_mask(shape: Sequence[int], share: float, device: torch.device) -> Tensor:
    """True, each element for itself, with probability 1 - `share`."""
    limit = round(share * LEVELS)
    if device.type != "cpu":
        return torch.randint(LEVELS, tuple(shape), device=device) >= limit
    size = torch.Size(shape)
    words = torch.empty(-(-size.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
    return words.view(torch.int16)[: size.numel()].view(size) >= limit - LEVELS // 2


class Dropout(nn.Module):
    """`per_sequence`: a row has one mask for all its steps (Gal and Ghahramani 2016, section 4)."""

    def __init__(self, share: float, *, per_sequence: bool = False) -> None:
        super().__init__()
        self.share, self.per_sequence = share, per_sequence

    def forward(self, inputs: Tensor, steps: int | None = None) -> Tensor:
        """`steps`: the axis of the steps, where there is one."""
        same = steps if self.per_sequence else None
        return dropout(inputs, self.share, self.training, same=same)
