"""Long-term dependencies and unstable gradients: what a gradient through time is made of, and its slope."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from pipeline.nn.cells import RNN
from pipeline.nn.recurrent import Recurrent
from pipeline.probes.identities.check import About, Check, Checks, normal

SIZE, UNITS = 5, 7
STEPS = 50
TENTH = STEPS // 10
RADII = (0.5, 0.9, 1.1, 2.0)
ROUNDED = 1e-6
"""Orthogonal matrices are drawn in float32."""


def sum_of_products() -> Iterator[Check]:
    about = About("gradient-sum-of-products")
    cell = RNN(input_size=SIZE, hidden_size=UNITS).double()
    into, back = cell.layer.on_input.weight, cell.layer.on_hidden.weight
    inputs, direction = normal(11, SIZE), normal(UNITS)
    hidden = cell(inputs).hidden
    (hidden[-1] @ direction).backward()
    on_input, on_hidden = _explicit(back.detach(), inputs, hidden.detach(), direction)
    assert into.grad is not None
    assert back.grad is not None
    check = "∇W of the inputs' weights against the sum over steps of products of Jacobians"
    yield about.near(check, on_input.sum(0), into.grad)
    check = "∇W of the recurrent weights against the sum over steps of products of Jacobians"
    yield about.near(check, on_hidden.sum(0), back.grad)
    small, large = shares(0.5), shares(1.5)
    check = f"Jacobians of radius 0.5: share of ∇W's norm in the {{}} tenth of {STEPS} steps"
    yield about.at_most(check.format("first"), small[:TENTH].sum().item(), 0.01)
    yield about.close(check.format("last"), small[-TENTH:].sum().item(), 1 - 0.5**TENTH, ROUNDED)
    check = f"Jacobians of radius 1.5: share of ∇W's norm in the first tenth of {STEPS} steps"
    yield about.close(check, large[:TENTH].sum().item(), 1 - 1.5**-TENTH, ROUNDED)


def exploding() -> Iterator[Check]:
    about = About("exploding-gradient")
    for radius in RADII:
        check = f"linear layer of spectral radius {radius}: slope of ln of the gradient's norm, a step back"
        yield about.close(check, slope(radius), math.log(radius), ROUNDED)
    layers = linear(2.0)
    layers(normal(1, STEPS, SIZE))[1][0].sum().backward()
    before = _gradient(layers)
    clip_grad_norm_(layers.parameters(), 1.0)
    after = _gradient(layers)
    size, told_before = after.norm().item(), f" (before: {before.norm().item():.0e})"
    yield about.close(
        "norm of an exploded gradient after clipping to 1", size, 1.0, ROUNDED, beside=told_before
    )
    check = "direction of the gradient after clipping against before"
    yield about.near(check, after / after.norm(), before / before.norm())


def linear(radius: float) -> Recurrent:
    """A linear layer all of whose Jacobians are `radius` times a rotation."""
    return Recurrent(
        input_size=SIZE, hidden_size=UNITS, cell="rnn", activation="linear", recurrent_scale=radius
    ).double()


def norms(radius: float) -> Tensor:
    """Of the gradient of a function of the last state by every state, first step first."""
    cell = RNN.of(linear(radius).weights(0), activation="linear")
    states: list[Tensor] = []
    for x in normal(STEPS, SIZE):
        states.append(cell(x.unsqueeze(0), states[-1] if states else None).hidden[0])
    return torch.stack([g.norm() for g in torch.autograd.grad(states[-1] @ normal(UNITS), states)])


def slope(radius: float) -> float:
    """Of the logarithm of `norms`, per step from the end."""
    return float(np.polyfit(np.arange(STEPS)[::-1], norms(radius).log().numpy(), 1)[0])


def shares(radius: float) -> Tensor:
    """Of every step in ∇W of the inputs' weights, a sum of δ_t x_t^T, inputs having length 1; by norms."""
    gradient = norms(radius)
    return gradient / gradient.sum()


def _explicit(back: Tensor, inputs: Tensor, hidden: Tensor, direction: Tensor) -> tuple[Tensor, Tensor]:
    """δ_t [x_t; h_{t-1}]^T of every step, δ_t being the product of all Jacobians from the last step to t."""
    slopes = 1 - hidden**2
    before = torch.cat((torch.zeros_like(hidden[:1]), hidden[:-1]))
    on_input, on_hidden = [], []
    for t in range(len(inputs)):
        product = torch.eye(UNITS, dtype=torch.float64)
        for later in range(len(inputs) - 1, t, -1):
            product = product @ (slopes[later].unsqueeze(1) * back)
        delta = direction @ product * slopes[t]
        on_input.append(torch.outer(delta, inputs[t]))
        on_hidden.append(torch.outer(delta, before[t]))
    return torch.stack(on_input), torch.stack(on_hidden)


def _gradient(layers: Recurrent) -> Tensor:
    return torch.cat([p.grad.flatten() for p in layers.parameters() if p.grad is not None])


CHECKS: list[Checks] = [sum_of_products, exploding]
