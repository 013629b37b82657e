"""What stands around cuDNN's kernels, tried with a CPU's."""

import itertools
from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline.nn.cudnn import in_autocast_precision
from pipeline.nn.fused import KERNELS

S, B, D, H = 5, 3, 7, 11
OPTIONS: dict[str, Any] = {
    "has_biases": True,
    "num_layers": 1,
    "dropout": 0.0,
    "train": True,
    "bidirectional": False,
    "batch_first": False,
}


def given(kernel: str) -> tuple[Tensor, Any, list[Tensor]]:
    """Steps, state, weights."""
    rows = H * {"lstm": 4, "gru": 3}.get(kernel, 1)
    shapes = ((rows, D), (rows, H), (rows,), (rows,))
    weights = [(0.3 * torch.randn(shape)).requires_grad_() for shape in shapes]
    state = torch.randn(1, B, H)
    return torch.randn(S, B, D), (state, state.clone()) if kernel == "lstm" else state, weights


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_kernel_sees_autocasts_precision_and_one_block_of_weights(kernel: str) -> None:
    seen = {}

    def watched(steps: Tensor, state: Any, weights: list[Tensor], **options: Any) -> Any:
        seen["on"] = torch.is_autocast_enabled("cpu")
        parts = state if isinstance(state, tuple) else (state,)
        seen["types"] = {part.dtype for part in (steps, *parts, *weights)}
        starts = [weight.storage_offset() for weight in weights]
        seen["block"] = [later - start for start, later in itertools.pairwise(starts)]
        seen["storages"] = len({weight.untyped_storage().data_ptr() for weight in weights})
        return KERNELS[kernel](steps, state, weights, **options)

    steps, state, weights = given(kernel)
    with torch.autocast("cpu", torch.bfloat16):
        outputs = in_autocast_precision(watched)(steps, state, weights, **OPTIONS)[0]
    assert outputs.dtype == torch.bfloat16
    assert not seen["on"]
    assert seen["types"] == {torch.bfloat16}
    assert seen["storages"] == 1
    assert seen["block"] == [weight.numel() for weight in weights[:-1]]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("precision", [None, torch.bfloat16])
def test_outputs_and_gradients_are_the_kernels_own(kernel: str, precision: torch.dtype | None) -> None:
    steps, state, weights = given(kernel)

    def computed(run: Any) -> tuple[Tensor, ...]:
        with torch.autocast("cpu", precision, enabled=precision is not None):
            outputs = run(steps, state, weights, **OPTIONS)[0]
        return outputs.detach(), *torch.autograd.grad(outputs.float().square().sum(), weights)

    expected, found = computed(KERNELS[kernel]), computed(in_autocast_precision(KERNELS[kernel]))
    close = {"atol": 0, "rtol": 0} if precision is None else {"atol": 0.1, "rtol": 0.05}
    # A GRU on a CPU ignores autocast.
    torch.testing.assert_close(found, expected, check_dtype=False, **close)
