"""Trained layers, step by step: what every gate did at every step of one sequence."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from pipeline.nn.cells import CELLS, Steps
from pipeline.nn.recurrent import Recurrent


@dataclass(frozen=True)
class LayerTrace:
    """`layer` counts from 1; `steps` stand in the sequence's order, whichever way they were read."""

    layer: int
    direction: Literal["forward", "backward"]
    steps: Steps


def trace(recurrent: Recurrent, inputs: Float[Tensor, "S D"]) -> list[LayerTrace]:
    """The layers' intermediates on one sequence without padding, from a zero state, no dropout.

    The last layer's `hidden`, both directions side by side, is what `recurrent` returns.
    """
    traces: list[LayerTrace] = []
    for layer in range(recurrent.layers):
        found = []
        for direction in range(recurrent.directions):
            cell = CELLS[recurrent.cell].of(recurrent.weights(layer * recurrent.directions + direction))
            steps = cell(inputs.flip(0) if direction else inputs)
            if direction:
                steps = type(steps)(*(part.flip(0) for part in steps))
            found.append(LayerTrace(layer + 1, "backward" if direction else "forward", steps))
        traces += found
        inputs = torch.cat([each.steps.hidden for each in found], -1)
    return traces
