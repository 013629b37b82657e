"""A recurrence one of whose inputs is known only step by step."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from pipeline.nn.dropout import dropout
from pipeline.nn.recurrent import FinalState, Recurrent
from pipeline.nn.reused import Reused

Step = Callable[[Tensor, Tensor, FinalState], FinalState]
"""(the known input's share of the gates B G, the fed vector B F, state) -> state; its parts are L B H."""


def unroll(layers: Recurrent, inputs: Float[Tensor, "B T D"]) -> tuple[tuple[Tensor, ...], Step]:
    """For GRU or LSTM layers in one direction, the first of which reads [input; fed].

    All inputs are projected here, at once: B x G per step. The step takes one of them and what is fed to it.
    """
    weights = [layers.weights(layer) for layer in range(layers.layers)]
    known, fed = weights[0].input.tensor_split((inputs.shape[-1],), 1)
    projected = F.linear(inputs.transpose(0, 1), known, weights[0].input_bias)
    inward = [Reused(fed), *(Reused(layer.input) for layer in weights[1:])]
    onward = [Reused(layer.hidden) for layer in weights]
    cell = _lstm if layers.cell == "lstm" else _gru

    def step(gates: Tensor, below: Tensor, state: FinalState) -> FinalState:
        states: list[FinalState] = []
        for index, layer in enumerate(weights):
            if index:
                below = dropout(states[-1][0], layers.dropout, layers.training)
                gates = layer.input_bias.to(gates.dtype).expand_as(gates)
            gates = inward[index](below, gates)
            bias = layer.hidden_bias.to(gates.dtype)
            states.append(cell(gates, tuple(part[index] for part in state), onward[index], bias))
        return tuple(torch.stack(parts) for parts in zip(*states, strict=True))

    return projected.unbind(0), step


def _lstm(gates: Tensor, state: FinalState, onward: Reused, bias: Tensor) -> FinalState:
    hidden, cell = state
    enter, forget, new, leave = onward(hidden, gates + bias).chunk(4, 1)
    cell = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
    return leave.sigmoid() * cell.tanh(), cell


def _gru(gates: Tensor, state: FinalState, onward: Reused, bias: Tensor) -> FinalState:
    (hidden,) = state
    reset_in, update_in, new_in = gates.chunk(3, 1)
    reset_on, update_on, new_on = (onward(hidden) + bias).chunk(3, 1)
    reset = (reset_in + reset_on).sigmoid()
    update = (update_in + update_on).sigmoid()
    new = (new_in + reset * new_on).tanh()
    return (new + update * (hidden - new),)
