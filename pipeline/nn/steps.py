"""A recurrence one of whose inputs is known only step by step."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from pipeline.nn.initial import FinalState
from pipeline.nn.recurrent import Recurrent
from pipeline.nn.reused import Reused
from pipeline.nn.stepwise import Advance, Mask

Step = Callable[[Tensor, Tensor, FinalState], FinalState]
"""(the known input's share of the gates B G, the fed vector B F, state) -> state; its parts are L B H."""


def unroll(layers: Recurrent, inputs: Float[Tensor, "B T D"]) -> tuple[tuple[Tensor, ...], Step]:
    """For layers in one direction, the first of which reads [input; fed].

    All inputs are projected here, at once: B x G per step. The step takes one of them and what is fed to it.
    """
    training = layers.training
    weights = [layers.weights(layer) for layer in range(layers.layers)]
    known, fed = weights[0].input.tensor_split((inputs.shape[-1],), 1)
    projected = F.linear(inputs.transpose(0, 1), known, weights[0].input_bias)
    inward = [Reused(fed), *(Reused(layer.input) for layer in weights[1:])]
    onward = [Advance(layer, layers.rule, training) for layer in weights]
    between = [Mask(layers.dropout, training, fixed=layers.per_sequence) for _ in weights[1:]]

    def step(gates: Tensor, below: Tensor, state: FinalState) -> FinalState:
        states: list[FinalState] = []
        for index, layer in enumerate(weights):
            if index:
                below = between[index - 1](states[-1][0])
                gates = layer.input_bias.to(gates.dtype).expand_as(gates)
            gates = inward[index](below, gates)
            states.append(onward[index](gates, tuple(part[index] for part in state)))
        return tuple(torch.stack(parts) for parts in zip(*states, strict=True))

    return projected.unbind(0), step
