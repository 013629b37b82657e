"""cuDNN's recurrent kernels in the precision that was asked for.

Under autocast torch hands cuDNN's recurrent layers float16, whatever precision autocast has (its
ATen/cudnn/AutocastRNN.cpp): bfloat16 trainings would lose small gradients, as nobody scales their loss.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from pipeline.nn.fused import KERNELS

Kernel = Callable[..., Any]


def use_autocast_precision() -> None:
    """Puts `in_autocast_precision` around every fused kernel of this process; call once."""
    for name, kernel in KERNELS.items():
        KERNELS[name] = in_autocast_precision(kernel)


def in_autocast_precision(kernel: Kernel) -> Kernel:
    """The kernel with autocast's casts made here, and the weights in one block, as cuDNN wants them."""

    def run(
        steps: Tensor, state: Tensor | Sequence[Tensor], weights: Sequence[Tensor], **options: Any
    ) -> Any:
        device = steps.device.type
        if not torch.is_autocast_enabled(device):
            return kernel(steps, state, weights, **options)
        dtype = torch.get_autocast_dtype(device)
        parts = state.to(dtype) if isinstance(state, Tensor) else tuple(part.to(dtype) for part in state)
        block = torch.cat([weight.flatten() for weight in weights]).to(dtype)
        pieces = block.split([weight.numel() for weight in weights])
        placed = [piece.view_as(weight) for piece, weight in zip(pieces, weights, strict=True)]
        with torch.autocast(device, enabled=False):
            return kernel(steps.to(dtype), parts, placed, **options)

    return run
