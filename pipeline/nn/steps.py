"""A recurrence one of whose inputs is known only step by step."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.nn.dropout import dropout
from pipeline.nn.recurrent import Cell, FinalState, Init, Recurrent
from pipeline.nn.reused import Reused

Step = Callable[[Tensor, Tensor, FinalState], FinalState]
"""(projected input B G, fed vector B F, state) -> state; its parts are L B H."""


class FedRecurrent(nn.Module):
    """GRU or LSTM layers over [input; fed]: all inputs are projected at once, the fed vectors as they come."""

    def __init__(
        self,
        *,
        cell: Cell,
        input_size: int,
        fed_size: int,
        hidden_size: int,
        layers: int,
        dropout: float,
        recurrent_init: Init,
        forget_bias: float,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.dropout = dropout
        self.cell = _lstm if cell == "lstm" else _gru
        self.recurrent = Recurrent(
            cell=cell,
            input_size=input_size + fed_size,
            hidden_size=hidden_size,
            layers=layers,
            recurrent_init=recurrent_init,
            forget_bias=forget_bias,
        )

    def unroll(self, inputs: Float[Tensor, "B T D"]) -> tuple[tuple[Tensor, ...], Step]:
        """The inputs' share of the first layer's gates, one B x G per step, and the step that takes it."""
        kernels = self.recurrent.kernels
        known, fed = kernels[0].weight_ih_l0.split((self.input_size, kernels[0].input_size - self.input_size), 1)
        projected = F.linear(inputs.transpose(0, 1), known, kernels[0].bias_ih_l0).unbind(0)
        inward = [Reused(fed), *(Reused(kernel.weight_ih_l0) for kernel in kernels[1:])]
        onward = [Reused(kernel.weight_hh_l0) for kernel in kernels]

        def step(gates: Tensor, below: Tensor, state: FinalState) -> FinalState:
            layers: list[FinalState] = []
            for layer, kernel in enumerate(kernels):
                if layer:
                    gates = kernel.bias_ih_l0.to(gates.dtype).expand_as(gates)
                    below = dropout(layers[-1][0], self.dropout, self.training)
                before = tuple(part[layer] for part in state)
                gates = inward[layer](below, gates)
                layers.append(self.cell(gates, before, onward[layer], kernel.bias_hh_l0))
            return tuple(torch.stack(parts) for parts in zip(*layers, strict=True))

        return projected, step


def _lstm(gates: Tensor, state: FinalState, onward: Reused, bias: Tensor) -> FinalState:
    hidden, cell = state
    gates = onward(hidden, gates + bias.to(gates.dtype))
    enter, forget, new, leave = gates.chunk(4, 1)
    cell = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
    return leave.sigmoid() * cell.tanh(), cell


def _gru(gates: Tensor, state: FinalState, onward: Reused, bias: Tensor) -> FinalState:
    (hidden,) = state
    recurrent = onward(hidden) + bias.to(gates.dtype)
    reset_in, update_in, new_in = gates.chunk(3, 1)
    reset_on, update_on, new_on = recurrent.chunk(3, 1)
    reset = (reset_in + reset_on).sigmoid()
    update = (update_in + update_on).sigmoid()
    new = (new_in + reset * new_on).tanh()
    return (new + update * (hidden - new),)
