"""The equations equal the fused kernels; gates and states keep their bounds and identities."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from pipeline.nn.cells import CELLS, GRU, LSTM, RNN, Layer
from pipeline.nn.recurrent import KERNELS, Cell, Recurrent, Weights
from pipeline.nn.trace import trace

S, D, H = 11, 5, 7


def kernel(cell: Cell) -> nn.RNNBase:
    return KERNELS[cell](D, H).double()


@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_equations_equal_the_fused_kernel(cell: Cell, started: bool) -> None:
    theirs = kernel(cell)
    ours = CELLS[cell].of(Weights(*theirs.all_weights[0]))
    inputs = torch.randn(S, D, dtype=torch.float64)
    start = [torch.randn(H, dtype=torch.float64) for _ in range(2 if cell == "lstm" else 1)]
    given: Any = tuple(part[None] for part in start) if cell == "lstm" else start[0][None]
    expected, final = theirs(inputs, given if started else None)
    steps = ours(inputs, *(start if started else []))
    torch.testing.assert_close(steps.hidden, expected, atol=1e-12, rtol=0)
    if cell == "lstm":
        torch.testing.assert_close(steps.cell[-1], final[1][0], atol=1e-12, rtol=0)


def test_a_reset_before_the_product_is_written_as_in_the_paper() -> None:
    """Cho et al. 2014, equations 5 to 8, with U and b spelled out; it is not what the kernel computes."""
    theirs = kernel("gru")
    weights = Weights(*theirs.all_weights[0])
    ours = GRU.of(weights, reset="before")
    inputs = torch.randn(S, D, dtype=torch.float64)
    (w_r, w_z, w_n), (u_r, u_z, u_n) = weights.input.chunk(3), weights.hidden.chunk(3)
    b_r, b_z, b_n = (weights.input_bias + weights.hidden_bias).chunk(3)
    h: Tensor = torch.zeros(H, dtype=torch.float64)
    for x in inputs:
        r = torch.sigmoid(w_r @ x + u_r @ h + b_r)
        z = torch.sigmoid(w_z @ x + u_z @ h + b_z)
        h = z * h + (1 - z) * torch.tanh(w_n @ x + u_n @ (r * h) + b_n)
    steps = ours(inputs)
    torch.testing.assert_close(steps.hidden[-1], h, atol=1e-12, rtol=0)
    assert not torch.allclose(steps.hidden[-1], theirs(inputs)[0][-1], atol=1e-4)


def test_the_two_forms_of_a_gru_agree_where_nothing_is_reset() -> None:
    weights = Weights(*kernel("gru").all_weights[0])
    open_reset = weights.input_bias.detach().clone()
    open_reset[:H] = 1e4
    weights = weights._replace(input_bias=nn.Parameter(open_reset))
    inputs = torch.randn(S, D, dtype=torch.float64)
    before, after = (GRU.of(weights, reset=form)(inputs) for form in ("before", "after"))
    torch.testing.assert_close(before.hidden, after.hidden, atol=1e-12, rtol=0)


def test_an_lstm_adds_what_it_admits_to_what_it_keeps() -> None:
    steps = LSTM(input_size=D, hidden_size=H)(5 * torch.randn(S, D))
    for gate in (steps.input, steps.forget, steps.output):
        assert ((gate >= 0) & (gate <= 1)).all()
    before = torch.cat((torch.zeros(1, H), steps.cell[:-1]))
    torch.testing.assert_close(steps.cell, steps.forget * before + steps.input * steps.candidate)
    torch.testing.assert_close(steps.hidden, steps.output * steps.cell.tanh())
    assert steps.hidden.abs().max() <= 1


def test_a_gru_moves_from_the_old_state_towards_the_candidate() -> None:
    steps = GRU(input_size=D, hidden_size=H, reset="before")(5 * torch.randn(S, D))
    before = torch.cat((torch.zeros(1, H), steps.hidden[:-1]))
    low, high = torch.minimum(before, steps.candidate), torch.maximum(before, steps.candidate)
    assert ((steps.hidden >= low - 1e-6) & (steps.hidden <= high + 1e-6)).all()


def test_the_notes_recurrent_layer_has_weights_of_5_by_3_and_3_by_3() -> None:
    cell = RNN(input_size=5, hidden_size=3)
    shapes = [tuple(weight.T.shape) for weight in (cell.layer.on_input.weight, cell.layer.on_hidden.weight)]
    assert shapes == [(5, 3), (3, 3)]
    steps = cell(torch.randn(S, 5))
    back = cell.layer(torch.zeros(5), steps.hidden[3])  # nothing comes in: what is left is what came back
    expected = cell.layer.on_hidden.weight @ steps.hidden[3] + cell.layer.on_hidden.bias
    torch.testing.assert_close(back, expected + cell.layer.on_input.bias)


@pytest.mark.parametrize("cell", [RNN, GRU, LSTM])
def test_shapes_hold(checked: SimpleNamespace, cell: type[nn.Module]) -> None:
    own = getattr(checked.cells, cell.__name__)(input_size=D, hidden_size=H)
    assert {tuple(part.shape) for part in own(torch.randn(S, D))} == {(S, H)}
    with pytest.raises(Exception, match="forward"):
        own(torch.randn(2, S, D))


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_trace_ends_in_what_the_layers_return(cell: Cell, bidirectional: bool) -> None:
    layers = Recurrent(cell=cell, input_size=D, hidden_size=H, layers=3, bidirectional=bidirectional).double()
    inputs = torch.randn(S, D, dtype=torch.float64)
    traces = trace(layers, inputs)
    outputs, _ = layers(inputs[None])
    top = [each.steps.hidden for each in traces if each.layer == 3]
    torch.testing.assert_close(torch.cat(top, -1), outputs[0], atol=1e-12, rtol=0)
    names = ["forward", "backward"] if bidirectional else ["forward"]
    assert [(each.layer, each.direction) for each in traces] == [(n, d) for n in (1, 2, 3) for d in names]


def test_parameters_are_counted_as_the_notes_count_layers() -> None:
    """A gate is a (D + H) x H layer; RNN, GRU and LSTM have one, three and four (with two biases each)."""
    one = sum(parameter.numel() for parameter in Layer(D, H).parameters())
    assert one == (D + H) * H + 2 * H
    counts = [
        sum(p.numel() for p in CELLS[cell](input_size=D, hidden_size=H).parameters())
        for cell in ("rnn", "gru", "lstm")
    ]
    assert counts == [one, 3 * one, 4 * one]
