"""Stacked recurrent layers over padded rows, with every option of the notes.

On torch's fused kernels where these compute what is asked (`fused.py`), in a loop over steps where not
(`stepwise.py`): `Rule.fused` decides. The backward direction reads each row's real part in reverse order.
"""

from collections.abc import Sequence
from typing import TypedDict

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pipeline.nn.dropout import dropout as drop
from pipeline.nn.fused import run_fused
from pipeline.nn.gates import Cell, Gate, Init, LayerWeights, Weights
from pipeline.nn.initial import FinalState, InitialKind, InitialState
from pipeline.nn.masks import Reorder, real_mask, reversal
from pipeline.nn.stepwise import Activation, RecurrentDropout, Reset, Rule, run_stepwise

__all__ = [
    "Cell",
    "FinalState",
    "Init",
    "LayerOptions",
    "Recurrent",
    "RecurrentOptions",
    "Weights",
]


class LayerOptions(TypedDict, total=False):
    """What every network lets its user choose of its layers."""

    cell: Cell
    layers: int
    recurrent_init: Init
    forget_bias: float


class RecurrentOptions(LayerOptions, total=False):
    """All that is not the network's to settle, as sizes and reading order are."""

    recurrent_scale: float
    activation: Activation
    initial_state: InitialKind
    held_gates: Sequence[Gate]
    coupled_gates: bool
    reset: Reset
    recurrent_dropout: RecurrentDropout
    recurrent_dropout_share: float


class Recurrent(nn.Module):
    """Elman, GRU or LSTM layers; by default as `torch.nn` computes them on packed rows."""

    def __init__(
        self,
        *,
        input_size: int | None,
        hidden_size: int,
        cell: Cell = "lstm",
        layers: int = 1,
        bidirectional: bool = False,
        reversed: bool = False,
        dropout: float = 0.0,
        recurrent_init: Init = "orthogonal",
        recurrent_scale: float = 1.0,
        forget_bias: float = 1.0,
        activation: Activation = "tanh",
        initial_state: InitialKind = "zero",
        held_gates: Sequence[Gate] = (),
        coupled_gates: bool = False,
        reset: Reset = "after",
        recurrent_dropout: RecurrentDropout = "none",
        recurrent_dropout_share: float = 0.0,
    ) -> None:
        """The options, one by one; docs/recurrent-options.md has their equations and what they cost.

        Args:
            input_size: None where the first layer reads what its gates make of the input: `projected_size`.
            reversed: a single direction reads from a row's last step to its first.
            dropout: share of the units dropped between layers.
            recurrent_scale: factor of the recurrent weights at the start; after `orthogonal`, whose spectral
                radius is 1, the radius.
            forget_bias: an LSTM's, at the start (Jozefowicz et al. 2015, section 2.2).
            activation: a plain RNN's.
            initial_state: where `forward` is given none.
            held_gates, coupled_gates: see `LayerWeights`.
            reset: a GRU's; "after" is the fused kernels' (Chung et al. 2014's implementation), "before" the
                papers' (Cho et al. 2014, equation 8).
            recurrent_dropout: of a share `recurrent_dropout_share`, in training. "step": of h on its way to
                the next step's gates, drawn afresh at each step. "sequence": the same with one mask per row,
                and `dropout` has one per row too (Gal and Ghahramani 2016, section 4). "weight": of the
                recurrent weights, one mask per batch (Merity et al. 2018, section 2). "zoneout": units of h
                and c keep their old values; evaluation takes the expectation (Krueger et al. 2017).
        """
        super().__init__()
        if reversed and bidirectional:
            raise ValueError("layers that read both ways have no order to reverse")
        self.cell = cell
        self.hidden_size = hidden_size
        self.layers = layers
        self.directions = 2 if bidirectional else 1
        self.output_size = hidden_size * self.directions
        self.reversed = reversed
        self.dropout = dropout
        self.per_sequence = recurrent_dropout == "sequence"
        self.rule = Rule(cell, activation, reset, recurrent_dropout, recurrent_dropout_share)
        sizes = [input_size] + [self.output_size] * (layers - 1)
        self.kernels = nn.ModuleList(
            LayerWeights(
                cell=cell,
                input_size=size,
                hidden_size=hidden_size,
                held_gates=held_gates,
                coupled_gates=coupled_gates,
            )
            for size in sizes
            for _ in range(self.directions)
        )
        for index in range(len(self.kernels)):
            self._layer(index).initialise(recurrent_init, recurrent_scale, forget_bias)
        self.start = InitialState(
            initial_state, parts=2 if cell == "lstm" else 1, layers=layers, units=self.output_size
        )
        self.projected = input_size is None
        self.projected_size = self._layer(0).rows * self.directions

    def weights(self, index: int) -> Weights:
        """Of all gates of the kernel at `layer * directions + direction`; weight drop draws at each call."""
        dropped = self.rule.share if self.rule.recurrent_dropout == "weight" else 0.0
        weights: Weights = self.kernels[index](dropped)
        return weights

    def reads_backward(self, direction: int) -> bool:
        return bool(direction) or self.reversed

    def read(self, inputs: Float[Tensor, "*rows D"], layer: int, direction: int) -> Float[Tensor, "*rows E"]:
        """What of a layer's inputs one direction reads: all, but of projected ones its own half."""
        if layer or not self.projected:
            return inputs
        return inputs.chunk(self.directions, -1)[direction]

    def forward(
        self,
        inputs: Float[Tensor, "B S D"],
        lengths: Int[Tensor, "B"] | None = None,
        initial: FinalState | None = None,
    ) -> tuple[Float[Tensor, "B S O"], FinalState]:
        """Outputs of the last layer, zero at padding, and every layer's state after a row's last real step.

        The directions stand side by side on the last axis, forward first; `initial` is laid out as the final
        state. Without `lengths` every step is real.
        """
        steps = inputs.transpose(0, 1)
        mask = None if lengths is None else real_mask(lengths, len(steps)).t().unsqueeze(-1)
        if lengths is None:
            lengths = torch.full((steps.shape[1],), len(steps), device=steps.device)
        order = reversal(lengths, len(steps)).t()
        if initial is None:
            initial = self.start(steps)
        kernel = self.rule.fused(self.training)
        finals: list[FinalState] = []
        for layer in range(self.layers):
            if layer:
                steps = drop(steps, self.dropout, self.training, same=0 if self.per_sequence else None)
            outputs: list[Tensor] = []
            states: list[FinalState] = []
            for direction in range(self.directions):
                weights = self.weights(layer * self.directions + direction)
                units = slice(direction * self.hidden_size, (direction + 1) * self.hidden_size)
                begin = None if initial is None else tuple(part[layer, :, units] for part in initial)
                reading, backward = self.read(steps, layer, direction), self.reads_backward(direction)
                if backward:
                    reading = Reorder.apply(reading, order)
                rest = (weights, reading, lengths, mask, begin, self.training)
                output, state = run_fused(kernel, *rest) if kernel else run_stepwise(self.rule, *rest)
                outputs.append(Reorder.apply(output, order) if backward else output)
                states.append(state)
            steps = torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0]
            finals.append(tuple(torch.cat(parts, -1) for parts in zip(*states, strict=True)))
        return steps.transpose(0, 1), tuple(torch.stack(parts) for parts in zip(*finals, strict=True))

    def _layer(self, index: int) -> LayerWeights:
        layer = self.kernels[index]
        assert isinstance(layer, LayerWeights)
        return layer
