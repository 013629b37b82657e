"""A check of something that is broken does not pass: layers and what they answer."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from pipeline.nn import cells, stepwise
from pipeline.probes.identities import (
    answers,
    gated,
    gradients,
    introduction,
    layers,
)
from pipeline.probes.identities.check import Checks

BrokenBy = Callable[[Checks, str, Any], list[str]]
HOUSE, HERE = "pipeline.nn.", "pipeline.probes.identities."


def forgetful(layer: cells.Layer, x: Tensor, h: Tensor) -> Tensor:
    return layer.on_input(x)


def leaky(read: Callable[..., cells.LSTMSteps]) -> Callable[..., cells.LSTMSteps]:
    """Gates that let more through than there is."""

    def forward(cell: cells.LSTM, *args: Tensor) -> cells.LSTMSteps:
        steps = read(cell, *args)
        return steps._replace(forget=2 * steps.forget, hidden=3 * steps.hidden)

    return forward


def cut_off(read: Callable[..., cells.RNNSteps]) -> Callable[..., cells.RNNSteps]:
    """A gradient that ends three steps back."""

    def forward(cell: cells.RNN, inputs: Tensor, hidden: Tensor | None = None) -> cells.RNNSteps:
        if len(inputs) < 4:
            return read(cell, inputs, hidden)
        far = read(cell, inputs[:-3], hidden)
        near = read(cell, inputs[-3:], far.hidden[-1].detach())
        return cells.RNNSteps(*(torch.cat(parts) for parts in zip(far, near, strict=True)))

    return forward


def fresh(mask: stepwise.Mask, inputs: Tensor) -> Tensor:
    return stepwise.dropout(inputs, mask._share, mask._training)


BROKEN: list[tuple[Checks, str, Any, list[str]]] = [
    (
        introduction.variable_length,
        f"{HERE}introduction.flat_network",
        lambda _: introduction.averaging_network(),
        ["parameters of flat", "a flat network for 7"],
    ),
    (
        introduction.variable_length,
        f"{HERE}introduction.averaging_network",
        lambda: introduction.flat_network(3),
        ["a feed-forward network on the average", "“not good, bad” and “not bad, good”: answers"],
    ),
    (
        introduction.padding,
        f"{HOUSE}recurrent.real_mask",
        lambda lengths, steps: torch.ones(len(lengths), steps).bool(),
        ["lstm, padded after and masked"],
    ),
    (
        introduction.recurrent_layer,
        f"{HOUSE}cells.Layer.forward",
        forgetful,
        ["the layer step by step", "handed nothing"],
    ),
    (
        introduction.activation,
        f"{HOUSE}stepwise.Advance._rnn",
        lambda step, gates, h: (step._onward(h, gates).tanh(),),
        ["one linear map", "without an activation, a sum"],
    ),
    (
        answers.sigmoid,
        f"{HOUSE}classifier.Classifier._pool",
        lambda _, outputs, *rest: outputs.mean(1),
        ["word by word"],
    ),
    (
        answers.return_sequences,
        f"{HOUSE}recurrent.Recurrent.forward",
        lambda layers, steps, initial=None: (steps.new_zeros(3, 11, 7), (steps.new_ones(2, 3, 7),)),
        ["the last of all outputs", "for another vector"],
    ),
    (
        gradients.sum_of_products,
        f"{HOUSE}cells.RNN.forward",
        cut_off(cells.RNN.forward),
        ["∇W of the inputs'", "∇W of the recurrent"],
    ),
    (
        gradients.sum_of_products,
        f"{HERE}gradients.norms",
        lambda radius: torch.ones(50),
        ["first tenth of 50 steps", "last tenth"],
    ),
    (
        gradients.exploding,
        f"{HOUSE}gates.LayerWeights.initialise",
        lambda *_: None,
        ["radius 0.5", "radius 0.9", "radius 1.1", "radius 2.0"],
    ),
    (
        gradients.exploding,
        f"{HERE}gradients.clip_grad_norm_",
        lambda parameters, limit: None,
        ["norm of an exploded"],
    ),
    (
        gradients.exploding,
        f"{HERE}gradients.clip_grad_norm_",
        nn.utils.clip_grad_value_,
        ["norm of an exploded", "direction of the gradient"],
    ),
    (
        gated.gru,
        f"{HOUSE}stepwise.Advance._gru_before",
        lambda step, gates, recalled, h: (recalled,),
        ["resets before the recurrent product against"],
    ),
    (
        gated.lstm,
        f"{HOUSE}cells.LSTM.forward",
        leaky(cells.LSTM.forward),
        ["forget gate on", "hidden state on", "c_t against", "h_t against", "all steps against"],
    ),
    (gated.forget_gate, f"{HOUSE}cells.LSTM.forward", leaky(cells.LSTM.forward), ["share of a nudge to c"]),
    (
        layers.stacked,
        f"{HOUSE}recurrent.drop",
        lambda steps, *_, **__: steps / 2,
        ["rnn: a layer", "gru: a layer", "lstm: a layer"],
    ),
    (
        layers.bidirectional,
        f"{HOUSE}recurrent.Reorder",
        SimpleNamespace(apply=lambda steps, order: steps),
        ["rnn, both directions: ∂o_3/∂x_5, largest", "gru, both directions: ∂o_3/∂x_5, largest"],
    ),
    (layers.dropout, f"{HOUSE}stepwise.Mask.__call__", fresh, ["one mask per sequence"]),
]


@pytest.mark.parametrize(
    ("checks", "target", "broken", "wanted"), BROKEN, ids=lambda value: getattr(value, "__name__", None)
)
def test_what_is_broken_does_not_pass(
    checks: Checks,
    target: str,
    broken: Any,
    wanted: list[str],
    broken_by: BrokenBy,
) -> None:
    failed = broken_by(checks, target, broken)
    for words in wanted:
        assert any(words in check for check in failed), f"{words}: only {failed}"
