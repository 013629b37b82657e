"""A recurrence one of whose inputs is known only step by step."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.nn.recurrent import Cell, FinalState, Init, Recurrent


class FedRecurrent(nn.Module):
    """GRU or LSTM layers over [input; fed]: the input of all steps is projected at once, the fed vector as it comes."""

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
        self.recurrent = Recurrent(
            cell=cell,
            input_size=input_size + fed_size,
            hidden_size=hidden_size,
            layers=layers,
            recurrent_init=recurrent_init,
            forget_bias=forget_bias,
        )
        self._step = _lstm_step if cell == "lstm" else _gru_step

    def project(self, inputs: Float[Tensor, "B T D"]) -> tuple[Float[Tensor, "B G"], ...]:
        """The input's share of the first layer's gates, one tensor per step."""
        first = self.recurrent.kernels[0]
        weight = first.weight_ih_l0[:, : self.input_size]
        return F.linear(inputs.transpose(0, 1), weight, first.bias_ih_l0).unbind(0)

    def step(
        self, projected: Float[Tensor, "B G"], fed: Float[Tensor, "B F"], state: FinalState
    ) -> FinalState:
        """The state (each part L B H) after one step."""
        layers = []
        gates = projected + F.linear(fed, self.recurrent.kernels[0].weight_ih_l0[:, self.input_size :])
        for layer, kernel in enumerate(self.recurrent.kernels):
            if layer:
                below = F.dropout(layers[-1][0], self.dropout, self.training)
                gates = F.linear(below, kernel.weight_ih_l0, kernel.bias_ih_l0)
            layers.append(self._step(gates, tuple(part[layer] for part in state), kernel))
        return tuple(torch.stack(parts) for parts in zip(*layers, strict=True))


def _lstm_step(gates: Tensor, state: FinalState, kernel: nn.Module) -> FinalState:
    hidden, cell = state
    gates = gates + F.linear(hidden, kernel.weight_hh_l0, kernel.bias_hh_l0)
    enter, forget, new, leave = gates.chunk(4, 1)
    cell = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
    return leave.sigmoid() * cell.tanh(), cell


def _gru_step(gates: Tensor, state: FinalState, kernel: nn.Module) -> FinalState:
    (hidden,) = state
    recurrent = F.linear(hidden, kernel.weight_hh_l0, kernel.bias_hh_l0)
    reset_in, update_in, new_in = gates.chunk(3, 1)
    reset_h, update_h, new_h = recurrent.chunk(3, 1)
    reset = (reset_in + reset_h).sigmoid()
    update = (update_in + update_h).sigmoid()
    new = (new_in + reset * new_h).tanh()
    return (new + update * (hidden - new),)
