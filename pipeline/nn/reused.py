"""A matrix that a loop over steps multiplies with again and again."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

Pairs = list[tuple[Tensor, Tensor]]
"""Input and output gradient of each step, last step first."""


class Reused:
    """x -> x @ matrix^T, in autocast's precision.

    Autograd would compute the matrix's gradient at every step and add them up; here the backward pass only
    notes what the gradient is made of, and makes it as one product at the end. Make one per loop.
    """

    def __init__(self, matrix: Tensor) -> None:
        """`matrix` is O x I, or B x O x I for a matrix per row of a batch."""
        device = matrix.device.type
        if torch.is_autocast_enabled(device):
            matrix = matrix.to(torch.get_autocast_dtype(device))
        self._matrix = matrix.detach()
        self._pairs: Pairs = []
        self._anchor = _Anchor.apply(matrix, self._pairs)

    def __call__(self, inputs: Tensor, plus: Tensor | None = None) -> Tensor:
        """`inputs` is N x I (B x N x I for a matrix per row); `plus`, N x O, is added to the result."""
        inputs = inputs.to(self._matrix.dtype)
        product: Tensor = _Product.apply(inputs, plus, self._anchor, self._matrix, self._pairs)
        return product


class _Anchor(torch.autograd.Function):
    """A zero that every product depends on, so that its backward comes after all of theirs."""

    @staticmethod
    def forward(ctx: Any, matrix: Tensor, pairs: Pairs) -> Tensor:
        ctx.pairs = pairs
        return matrix.new_zeros(())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, _: Tensor) -> tuple[Tensor, None]:
        inputs, gradients = zip(*ctx.pairs, strict=True)
        ctx.pairs.clear()
        return torch.cat(gradients, -2).mT @ torch.cat(inputs, -2), None


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, plus: Tensor | None, anchor: Tensor, matrix: Tensor, pairs: Pairs
    ) -> Tensor:
        ctx.save_for_backward(inputs, matrix)
        ctx.pairs = pairs
        ctx.added = plus is not None
        return inputs @ matrix.mT if plus is None else torch.addmm(plus, inputs, matrix.t())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor | None, Tensor, None, None]:
        inputs, matrix = ctx.saved_tensors
        ctx.pairs.append((inputs, gradient))
        plus = gradient if ctx.added else None
        return gradient @ matrix, plus, gradient.new_zeros(()), None, None
