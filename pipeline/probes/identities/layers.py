"""Stacked and bi-directional layers, and dropout in a recurrence."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.autograd.functional import jacobian

from pipeline.nn.gates import GATES
from pipeline.nn.recurrent import Recurrent
from pipeline.nn.stepwise import RecurrentDropout
from pipeline.probes.identities.check import About, Check, Checks, normal

SIZE, UNITS, STEPS = 5, 7, 11
SHARE, DISTANCE = 0.1, 20
"""p and T of dropout's checks."""
VALUES = (200, 100)
"""Stored values, rows by units."""


def stacked() -> Iterator[Check]:
    about = About("stacked-features")
    inputs = normal(3, STEPS, SIZE)
    for cell in GATES:
        both = Recurrent(input_size=SIZE, hidden_size=UNITS, cell=cell, layers=2).double()
        lower = Recurrent(input_size=SIZE, hidden_size=UNITS, cell=cell).double()
        upper = Recurrent(input_size=UNITS, hidden_size=UNITS, cell=cell).double()
        for one, kernel in zip((lower, upper), both.kernels, strict=True):
            one.kernels[0].load_state_dict(kernel.state_dict())
        check = f"{cell}: a layer that reads the h_t of another as its x_t, against two stacked layers"
        yield about.near(check, upper(lower(inputs)[0])[0], both(inputs)[0])


def bidirectional() -> Iterator[Check]:
    about = About("bidirectional-future")
    inputs = normal(1, STEPS, SIZE)
    for cell in GATES:
        one_way = effect(Recurrent(input_size=SIZE, hidden_size=UNITS, cell=cell).double(), inputs)
        check = f"{cell}, one direction: ∂o_3/∂x_5, largest element"
        yield about.equal(check, one_way.max().item(), 0.0)
        both_ways = effect(
            Recurrent(input_size=SIZE, hidden_size=UNITS, cell=cell, bidirectional=True).double(), inputs
        )
        check = f"{cell}, both directions: ∂o_3/∂x_5, largest element"
        yield about.above(check, both_ways.max().item(), 1e-3)
        check = f"{cell}, both directions: ∂o_3/∂x_5 of the forward half of o_3, largest element"
        yield about.equal(check, both_ways[:UNITS].max().item(), 0.0)


def effect(layers: Recurrent, inputs: Tensor) -> Tensor:
    """Size of every element of ∂o_3/∂x_5: H*dirs x D."""
    derivatives = jacobian(lambda x: layers(x)[0][0, 2], inputs)
    assert isinstance(derivatives, Tensor)
    return derivatives[:, 0, 4].abs()


def dropout() -> Iterator[Check]:
    about = About("dropout")
    known: dict[RecurrentDropout, tuple[str, float]] = {
        "none": ("dropout between layers alone", 1.0),
        "step": ("a fresh mask per step on the recurrence", (1 - SHARE) ** DISTANCE),
        "sequence": ("one mask per sequence on the recurrence", 1 - SHARE),
    }
    count = math.prod(VALUES)
    for kind, (words, share) in known.items():
        error = math.sqrt(share * (1 - share) / count)
        check = f"{words}, p = {SHARE}: share of {count:,} stored values left after {DISTANCE} steps"
        yield about.close(check, survivors(kind), share, round(4 * error, 4))


def survivors(kind: RecurrentDropout) -> float:
    """Share of the values that a linear layer, which only keeps them, still has: it trains on nothing."""
    rows, units = VALUES
    layers = Recurrent(
        input_size=1,
        hidden_size=units,
        cell="rnn",
        layers=2,
        dropout=SHARE,
        activation="linear",
        recurrent_dropout=kind,
        recurrent_dropout_share=SHARE,
    ).double()
    for parameter in layers.parameters():
        parameter.data.zero_()
    layers.weights(0).hidden.data.copy_(torch.eye(units))
    ones = torch.ones(2, rows, units, dtype=torch.float64)
    with torch.no_grad():
        _, (final,) = layers.train()(torch.zeros(rows, DISTANCE, 1, dtype=torch.float64), initial=(ones,))
    return float((final[0] != 0).double().mean())


CHECKS: list[Checks] = [stacked, bidirectional, dropout]
