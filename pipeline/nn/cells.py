"""The recurrent cells as their equations say, one sequence and one step at a time.

To read and to look into: `recurrent.py` computes the same on fused kernels. x is the step's input (D), h
the hidden state (H), c an LSTM's cell state (H). Every gate is a layer of its own on [x; h], as wide as h.
"""

from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pipeline.nn.recurrent import Weights

Reset = Literal["before", "after"]
"""Whether a GRU's reset gate acts on h before its product with the recurrent weights or after it."""


class RNNSteps(NamedTuple):
    """`pre`: what the activation is applied to."""

    pre: Float[Tensor, "S H"]
    hidden: Float[Tensor, "S H"]


class GRUSteps(NamedTuple):
    reset: Float[Tensor, "S H"]
    update: Float[Tensor, "S H"]
    candidate: Float[Tensor, "S H"]
    hidden: Float[Tensor, "S H"]


class LSTMSteps(NamedTuple):
    input: Float[Tensor, "S H"]
    forget: Float[Tensor, "S H"]
    output: Float[Tensor, "S H"]
    candidate: Float[Tensor, "S H"]
    cell: Float[Tensor, "S H"]
    hidden: Float[Tensor, "S H"]


Steps = RNNSteps | GRUSteps | LSTMSteps
"""Every intermediate of every step; `hidden` is the layer's output."""


class Layer(nn.Module):
    """W x + b + U h + c: the notes' layer on the concatenation [x; h], its weight matrix cut in two.

    Two biases because the kernels have two; what counts is their sum, but for a GRU's candidate.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.on_input = nn.Linear(input_size, hidden_size)
        self.on_hidden = nn.Linear(hidden_size, hidden_size)

    def forward(self, x: Float[Tensor, "D"], h: Float[Tensor, "H"]) -> Float[Tensor, "H"]:
        total: Tensor = self.on_input(x) + self.on_hidden(h)
        return total


class RNN(nn.Module):
    """Elman 1990: the output of the step before comes back as an input."""

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.layer = Layer(input_size, hidden_size)

    def forward(self, inputs: Float[Tensor, "S D"], hidden: Float[Tensor, "H"] | None = None) -> RNNSteps:
        h = inputs.new_zeros(self.hidden_size) if hidden is None else hidden
        steps = []
        for x in inputs:
            pre = self.layer(x, h)
            h = pre.tanh()
            steps.append((pre, h))
        return RNNSteps(*map(torch.stack, zip(*steps, strict=True)))

    @classmethod
    def of(cls, weights: Weights) -> "RNN":
        """With the weights of a fused kernel."""
        cell = cls(input_size=weights.input.shape[1], hidden_size=weights.hidden.shape[1])
        _copy(weights, [cell.layer])
        return cell


class GRU(nn.Module):
    """Cho et al. 2014, section 2.3: the hidden state is the only one.

    `reset`: "before", as that paper and the notes have it, candidate = tanh(W x + U (r * h)); "after", as the
    fused kernels have it (Chung et al. 2014's implementation), tanh(W x + r * (U h)). The update gate keeps
    the old state where it is 1, as in the kernels; Chung's z is 1 minus ours.
    """

    def __init__(self, *, input_size: int, hidden_size: int, reset: Reset = "after") -> None:
        super().__init__()
        self.hidden_size, self.reset = hidden_size, reset
        self.reset_gate = Layer(input_size, hidden_size)
        self.update_gate = Layer(input_size, hidden_size)
        self.candidate = Layer(input_size, hidden_size)

    def forward(self, inputs: Float[Tensor, "S D"], hidden: Float[Tensor, "H"] | None = None) -> GRUSteps:
        h = inputs.new_zeros(self.hidden_size) if hidden is None else hidden
        steps = []
        for x in inputs:
            r = self.reset_gate(x, h).sigmoid()
            z = self.update_gate(x, h).sigmoid()
            if self.reset == "before":
                new = self.candidate(x, r * h).tanh()
            else:
                new = (self.candidate.on_input(x) + r * self.candidate.on_hidden(h)).tanh()
            h = z * h + (1 - z) * new
            steps.append((r, z, new, h))
        return GRUSteps(*map(torch.stack, zip(*steps, strict=True)))

    @classmethod
    def of(cls, weights: Weights, *, reset: Reset = "after") -> "GRU":
        """With the weights of a fused kernel, which resets after; "before" is another function of them."""
        cell = cls(input_size=weights.input.shape[1], hidden_size=weights.hidden.shape[1], reset=reset)
        _copy(weights, [cell.reset_gate, cell.update_gate, cell.candidate])
        return cell


class LSTM(nn.Module):
    """Hochreiter and Schmidhuber 1997 with Gers et al. 2000's forget gate: two states, h and c."""

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.input_gate = Layer(input_size, hidden_size)
        self.forget_gate = Layer(input_size, hidden_size)
        self.candidate = Layer(input_size, hidden_size)
        self.output_gate = Layer(input_size, hidden_size)

    def forward(
        self,
        inputs: Float[Tensor, "S D"],
        hidden: Float[Tensor, "H"] | None = None,
        cell: Float[Tensor, "H"] | None = None,
    ) -> LSTMSteps:
        h = inputs.new_zeros(self.hidden_size) if hidden is None else hidden
        c = inputs.new_zeros(self.hidden_size) if cell is None else cell
        steps = []
        for x in inputs:
            i = self.input_gate(x, h).sigmoid()
            f = self.forget_gate(x, h).sigmoid()
            o = self.output_gate(x, h).sigmoid()
            new = self.candidate(x, h).tanh()
            c = f * c + i * new
            h = o * c.tanh()
            steps.append((i, f, o, new, c, h))
        return LSTMSteps(*map(torch.stack, zip(*steps, strict=True)))

    @classmethod
    def of(cls, weights: Weights) -> "LSTM":
        """With the weights of a fused kernel."""
        cell = cls(input_size=weights.input.shape[1], hidden_size=weights.hidden.shape[1])
        _copy(weights, [cell.input_gate, cell.forget_gate, cell.candidate, cell.output_gate])
        return cell


CELLS: dict[str, type[RNN] | type[GRU] | type[LSTM]] = {"rnn": RNN, "gru": GRU, "lstm": LSTM}


def _copy(weights: Weights, layers: list[Layer]) -> None:
    """The kernel's gates stand one below the other, in the order of `layers`."""
    parts = (part.detach().clone().chunk(len(layers)) for part in weights)
    for layer, (w, u, b, c) in zip(layers, zip(*parts, strict=True), strict=True):
        layer.on_input.weight, layer.on_input.bias = nn.Parameter(w), nn.Parameter(b)
        layer.on_hidden.weight, layer.on_hidden.bias = nn.Parameter(u), nn.Parameter(c)
