"""Padding: what is real, and how to turn round what is real."""

from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def real_mask(lengths: Int[Tensor, "B"], steps: int) -> Bool[Tensor, "B {steps}"]:
    """True at a row's first `lengths[b]` steps."""
    return torch.arange(steps, device=lengths.device) < lengths.unsqueeze(1)


def reversal(lengths: Int[Tensor, "B"], steps: int) -> Int[Tensor, "B {steps}"]:
    """Indices that reverse each row's real part and leave its padding in place; applied twice, nothing."""
    forward = torch.arange(steps, device=lengths.device)
    backward = lengths.unsqueeze(1) - 1 - forward
    return torch.where(backward >= 0, backward, forward)


class Reorder(torch.autograd.Function):
    """Reorders each row's steps by a permutation that is its own inverse: gradients go back the same way."""

    @staticmethod
    def forward(ctx: Any, steps: Float[Tensor, "S B D"], order: Int[Tensor, "S B"]) -> Float[Tensor, "S B D"]:
        ctx.save_for_backward(order)
        rows = order * steps.shape[1] + torch.arange(steps.shape[1], device=steps.device)
        return steps.flatten(0, 1).index_select(0, rows.flatten()).view_as(steps)

    @staticmethod
    def backward(ctx: Any, gradient: Float[Tensor, "S B D"]) -> tuple[Float[Tensor, "S B D"], None]:
        return Reorder.forward(ctx, gradient, *ctx.saved_tensors), None
