"""The parts of a gradient add up to what autograd computes. Axes are different primes."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.nn.classifier import Classifier
from pipeline.nn.gradients import Opened, norm

TEXTS, STEPS, WORDS, UNITS, CLASSES, VOCABULARY = 3, 11, 5, 7, 2, 13
OPTIONS: list[dict[str, Any]] = [
    {"cell": "rnn"},
    {"cell": "rnn", "activation": "linear"},
    {"cell": "rnn", "initial_state": "learned"},
    {"cell": "gru"},
    {"cell": "gru", "reset": "before"},
    {"cell": "lstm", "forget_bias": 3.0},
    {"cell": "lstm", "pooling": "attention"},
]


def classifier(**options: Any) -> Classifier:
    sizes = {"vocabulary": VOCABULARY, "classes": CLASSES, "embedding": WORDS, "hidden": UNITS}
    return Classifier(**sizes, **options).double().eval()


def opened(network: Classifier) -> Opened:
    network.recurrent = Opened(network.recurrent)  # type: ignore[assignment]
    return network.recurrent  # type: ignore[return-value]


def loss_of(network: nn.Module, tokens: Tensor) -> Tensor:
    labels = torch.arange(len(tokens)) % CLASSES
    return F.cross_entropy(network(tokens, torch.full((len(tokens),), STEPS)), labels, reduction="sum")


@pytest.fixture
def tokens() -> Tensor:
    return torch.randint(VOCABULARY, (TEXTS, STEPS))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_steps_parts_add_up_to_the_gradient_of_the_weights(
    options: dict[str, Any], tokens: Tensor
) -> None:
    network = classifier(**options)
    if options.get("initial_state"):
        nn.init.normal_(network.recurrent.start.state)
    weights: Any = network.recurrent.kernels[0]
    loss = loss_of(network, tokens)
    on_inputs, on_hidden = torch.autograd.grad(loss, [weights.input, weights.hidden])
    layer = opened(network)
    same = loss_of(network, tokens)
    assert same.item() == pytest.approx(loss.item(), abs=1e-12)
    first, *rest = layer.flow(same)[1]

    def total(factors: Any) -> Tensor:
        return torch.einsum("sbg,sbn->gn", factors.delta, factors.inputs)

    torch.testing.assert_close(total(first), on_inputs, atol=1e-10, rtol=0)
    torch.testing.assert_close(torch.cat([total(each) for each in rest]), on_hidden, atol=1e-10, rtol=0)
    parts = torch.einsum("sbg,sbn->sbgn", first.delta, first.inputs)
    torch.testing.assert_close(first.norms(), parts.flatten(2).norm(dim=2), atol=1e-12, rtol=0)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_gradient_by_the_inputs_is_autograds(options: dict[str, Any], tokens: Tensor) -> None:
    network = classifier(**options)
    vectors: list[Tensor] = []
    network.embedding.register_forward_hook(lambda _, given, made: vectors.append(made))
    (wanted,) = torch.autograd.grad(loss_of(network, tokens), vectors)
    layer = opened(network)
    torch.testing.assert_close(layer.flow(loss_of(network, tokens))[0], wanted, atol=1e-12, rtol=0)


@pytest.mark.parametrize(
    "options",
    [
        {"layers": 2},
        {"bidirectional": True},
        {"reversed": True},
        {"inputs": "one_hot"},
        {"held_gates": ["forget"]},
        {"coupled_gates": True},
        {"recurrent_dropout": "zoneout", "recurrent_dropout_share": 0.1},
    ],
    ids=str,
)
def test_what_cannot_be_opened(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"can('t)? be opened"):
        opened(classifier(**options))


def test_norms_of_gradients_from_far_back_do_not_underflow() -> None:
    vectors = torch.tensor([[3e-300, 4e-300], [3e200, 4e200], [0.0, 0.0]], dtype=torch.float64)
    assert norm(vectors).tolist() == pytest.approx([5e-300, 5e200, 0.0], rel=1e-12, abs=0)
