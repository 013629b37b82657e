"""`Recurrent` against torch's own layers on packed rows."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from pipeline.nn.recurrent import Cell, Recurrent

B, S, D, H = 3, 11, 5, 7
LENGTHS = torch.tensor([2, 11, 7])
KERNELS: dict[str, Any] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
NAMES = {"weight_ih": "input", "weight_hh": "hidden", "bias_ih": "input_bias", "bias_hh": "hidden_bias"}
"""Of the parameters: torch's and ours."""


def parameter_pairs(theirs: nn.RNNBase, ours: Recurrent) -> Iterator[tuple[nn.Parameter, nn.Parameter]]:
    for index, kernel in enumerate(ours.kernels):
        layer, direction = divmod(index, ours.directions)
        for their_name, our_name in NAMES.items():
            place = f"l{layer}" + ("_reverse" if direction else "")
            yield getattr(theirs, f"{their_name}_{place}"), getattr(kernel, our_name)


def side_by_side(state: Tensor, layers: int) -> Tensor:
    """torch's (layers * directions) B H as L B H*directions."""
    return torch.stack([torch.cat(list(layer), -1) for layer in state.unflatten(0, (layers, -1))])


@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_equals_packed_torch(cell: Cell, bidirectional: bool, layers: int, started: bool) -> None:
    theirs = KERNELS[cell](D, H, layers, bidirectional=bidirectional, batch_first=True).double()
    ours = Recurrent(
        cell=cell, input_size=D, hidden_size=H, layers=layers, bidirectional=bidirectional
    ).double()
    for their, our in parameter_pairs(theirs, ours):
        our.data.copy_(their)
    inputs = torch.randn(B, S, D, dtype=torch.float64, requires_grad=True)
    is_lstm = cell == "lstm"
    start = [torch.randn(len(ours.kernels), B, H, dtype=torch.float64) for _ in range(1 + is_lstm)]
    their_start: Any = tuple(start) if is_lstm else start[0]

    packed = pack_padded_sequence(inputs, LENGTHS, batch_first=True, enforce_sorted=False)
    packed, final = theirs(packed, their_start if started else None)
    expected, _ = pad_packed_sequence(packed, batch_first=True)
    expected_final = [side_by_side(part, layers) for part in (final if is_lstm else (final,))]
    our_start = tuple(side_by_side(part, layers) for part in start)
    outputs, our_final = ours(inputs, LENGTHS, our_start if started else None)

    torch.testing.assert_close(outputs, expected, atol=1e-10, rtol=0)
    torch.testing.assert_close(list(our_final), expected_final, atol=1e-10, rtol=0)
    assert not outputs[0, 2:].any()

    def loss(outputs: Tensor, final: Any) -> Tensor:
        return outputs.sin().sum() + sum(part.square().sum() for part in final)

    their_parameters, our_parameters = zip(*parameter_pairs(theirs, ours), strict=True)
    torch.testing.assert_close(
        torch.autograd.grad(loss(outputs, our_final), [inputs, *our_parameters]),
        torch.autograd.grad(loss(expected, expected_final), [inputs, *their_parameters]),
        atol=1e-10,
        rtol=0,
    )


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_without_lengths_every_step_is_real(cell: Cell) -> None:
    layer = Recurrent(cell=cell, input_size=D, hidden_size=H, bidirectional=True).double()
    inputs = torch.randn(B, S, D, dtype=torch.float64)
    outputs, final = layer(inputs)
    expected, expected_final = layer(inputs, torch.full((B,), S))
    torch.testing.assert_close(outputs, expected, atol=1e-10, rtol=0)
    torch.testing.assert_close(final, expected_final, atol=1e-10, rtol=0)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_padding_holds_an_lstm_cell_exactly(precision: torch.dtype) -> None:
    """Whatever stands in the padding: the gates are shut to the last bit, in float32 and in bfloat16."""
    layer = Recurrent(cell="lstm", input_size=D, hidden_size=H)
    inputs = torch.randn(B, S, D)
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == torch.bfloat16):
        _, final = layer(inputs, LENGTHS)
        inputs[0, 2:] = 50.0
        _, disturbed = layer(inputs, LENGTHS)
    assert final[1].dtype == precision
    assert torch.equal(final[1], disturbed[1])


def test_dropout_acts_between_layers_in_training_only() -> None:
    layer = Recurrent(cell="gru", input_size=D, hidden_size=H, layers=2, dropout=0.5)
    inputs = torch.randn(B, S, D)
    (first, _), (second, _) = layer(inputs, LENGTHS), layer(inputs, LENGTHS)
    assert not torch.equal(first, second)
    layer.eval()
    (first, _), (second, _) = layer(inputs, LENGTHS), layer(inputs, LENGTHS)
    assert torch.equal(first, second)


def test_orthogonal_gates_and_forget_bias() -> None:
    layer = Recurrent(
        cell="lstm", input_size=D, hidden_size=H, recurrent_init="orthogonal", forget_bias=1.5
    ).weights(0)
    for gate in layer.hidden.chunk(4):
        torch.testing.assert_close(gate @ gate.t(), torch.eye(H), atol=1e-5, rtol=0)
    total = layer.input_bias + layer.hidden_bias
    assert (total[H : 2 * H] == 1.5).all()
    assert not (total[:H] == 1.5).any()
    default = Recurrent(cell="lstm", input_size=D, hidden_size=H, recurrent_init="default").weights(0)
    gate = default.hidden[:H]
    assert not torch.allclose(gate @ gate.t(), torch.eye(H), atol=1e-2)
