"""Trained layers, step by step: what every gate did at every step of one sequence."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from pipeline.errors import UserError
from pipeline.nn.cells import GRU, LSTM, RNN, Steps
from pipeline.nn.gates import Weights
from pipeline.nn.recurrent import Recurrent
from pipeline.nn.stepwise import Rule


@dataclass(frozen=True)
class LayerTrace:
    """`layer` counts from 1; `steps` stand in the sequence's order, whichever way they were read."""

    layer: int
    direction: Literal["forward", "backward"]
    steps: Steps


def trace(recurrent: Recurrent, inputs: Float[Tensor, "S D"]) -> list[LayerTrace]:
    """The layers' intermediates on one sequence without padding, as evaluation computes them.

    The last layer's `hidden`, both directions side by side, is what `recurrent` returns.

    Raises:
        UserError: the layers were trained with zoneout, whose evaluation no cell's equations say.
    """
    if recurrent.rule.recurrent_dropout == "zoneout":
        raise UserError("model: layers trained with zoneout can't be traced; name another model")
    initial = recurrent.start(inputs.unsqueeze(1))
    traces: list[LayerTrace] = []
    for layer in range(recurrent.layers):
        found = []
        for direction in range(recurrent.directions):
            cell = _cell(recurrent.rule, recurrent.weights(layer * recurrent.directions + direction))
            units = slice(direction * recurrent.hidden_size, (direction + 1) * recurrent.hidden_size)
            begin = [part[layer, 0, units] for part in initial or ()]
            reading, backward = recurrent.read(inputs, layer, direction), recurrent.reads_backward(direction)
            steps = cell(reading.flip(0) if backward else reading, *begin)
            if backward:
                steps = type(steps)(*(part.flip(0) for part in steps))
            found.append(LayerTrace(layer + 1, "backward" if backward else "forward", steps))
        traces += found
        inputs = torch.cat([each.steps.hidden for each in found], -1)
    return traces


def _cell(rule: Rule, weights: Weights) -> RNN | GRU | LSTM:
    match rule.cell:
        case "rnn":
            return RNN.of(weights, activation=rule.activation)
        case "gru":
            return GRU.of(weights, reset=rule.reset)
        case _:
            return LSTM.of(weights)
