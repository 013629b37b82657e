"""Padding: what is real, and how to turn round what is real."""

import torch
from jaxtyping import Bool, Int
from torch import Tensor


def real_mask(lengths: Int[Tensor, "B"], steps: int) -> Bool[Tensor, "B {steps}"]:
    """True at a row's first `lengths[b]` steps."""
    return torch.arange(steps, device=lengths.device) < lengths.unsqueeze(1)


def reversal(lengths: Int[Tensor, "B"], steps: int) -> Int[Tensor, "B {steps}"]:
    """Indices that reverse each row's real part and leave its padding in place; applied twice, nothing."""
    forward = torch.arange(steps, device=lengths.device)
    backward = lengths.unsqueeze(1) - 1 - forward
    return torch.where(backward >= 0, backward, forward)
