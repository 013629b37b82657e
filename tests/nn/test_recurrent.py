"""`Recurrent` against torch's own layers on packed rows."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from pipeline.nn.recurrent import KERNELS, Cell, FinalState, Recurrent

B, S, D, H = 3, 11, 5, 7
LENGTHS = torch.tensor([2, 11, 7])


def reference(cell: Cell, layers: int, bidirectional: bool) -> tuple[nn.RNNBase, Recurrent]:
    """torch's stack and ours, with the same weights."""
    theirs = KERNELS[cell](D, H, layers, bidirectional=bidirectional, batch_first=True).double()
    ours = Recurrent(
        cell=cell, input_size=D, hidden_size=H, layers=layers, bidirectional=bidirectional
    ).double()
    directions = 2 if bidirectional else 1
    for index, kernel in enumerate(ours.kernels):
        suffix = f"l{index // directions}" + ("_reverse" if index % directions else "")
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(kernel, f"{name}_l0").data.copy_(getattr(theirs, f"{name}_{suffix}"))
    return theirs, ours


def side_by_side(state: Tensor, layers: int) -> Tensor:
    """torch's (layers * directions) B H as L B H*directions."""
    return torch.stack([torch.cat(list(layer), -1) for layer in state.unflatten(0, (layers, -1))])


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("started", [False, True])
def test_equals_packed_torch(cell: Cell, bidirectional: bool, layers: int, started: bool) -> None:
    theirs, ours = reference(cell, layers, bidirectional)
    inputs = torch.randn(B, S, D, dtype=torch.float64, requires_grad=True)
    parts = 2 if cell == "lstm" else 1
    start = [torch.randn(len(ours.kernels), B, H, dtype=torch.float64) for _ in range(parts)]
    theirs_start: Any = (tuple(start) if parts == 2 else start[0]) if started else None
    ours_start: FinalState | None = tuple(side_by_side(part, layers) for part in start) if started else None

    packed = pack_padded_sequence(inputs, LENGTHS, batch_first=True, enforce_sorted=False)
    packed, final = theirs(packed, theirs_start)
    expected, _ = pad_packed_sequence(packed, batch_first=True)
    expected_final = [side_by_side(part, layers) for part in (final if parts == 2 else (final,))]
    outputs, ours_final = ours(inputs, LENGTHS, ours_start)

    torch.testing.assert_close(outputs, expected, atol=1e-10, rtol=0)
    torch.testing.assert_close(list(ours_final), expected_final, atol=1e-10, rtol=0)
    assert not outputs[0, 2:].any()

    def gradients(outputs: Tensor, final: Any, module: nn.Module) -> list[Tensor]:
        loss = outputs.sin().sum() + sum(part.square().sum() for part in final)
        return list(torch.autograd.grad(loss, [inputs, *module.parameters()]))

    ours_by_name = dict(
        zip([n for n, _ in ours.named_parameters()], gradients(outputs, ours_final, ours)[1:], strict=True)
    )
    found = gradients(expected, expected_final, theirs)
    torch.testing.assert_close(
        gradients(outputs, ours_final, ours)[0], found[0], atol=1e-10, rtol=0
    )
    directions = 2 if bidirectional else 1
    for (name, _), gradient in zip(theirs.named_parameters(), found[1:], strict=True):
        kind, _, place = name.rpartition("_l")
        layer, _, reverse = place.partition("_")
        if name.endswith("_reverse"):
            kind, layer, reverse = name.removesuffix("_reverse").rpartition("_l")[0], place[0], "reverse"
        index = int(layer) * directions + (1 if reverse else 0)
        torch.testing.assert_close(
            ours_by_name[f"kernels.{index}.{kind}_l0"], gradient, atol=1e-10, rtol=0
        )
