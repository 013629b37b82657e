"""Heads of a rater: probabilities by hand, order of thresholds, gradients, and that each learns."""

import itertools
import math
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from pipeline.nn.rater import Rater
from pipeline.nn.rating_heads import HEADS, Ordinal, Regression

V, LEVELS = 23, [1, 2, 3, 7, 11]


@pytest.mark.parametrize("head", HEADS)
def test_shapes(checked: SimpleNamespace, head: str) -> None:
    model = checked.rater.Rater(vocabulary=V, levels=LEVELS, head=head, embedding=11, hidden=13)
    given = model(torch.randint(4, V, (3, 7)), torch.tensor([7, 2, 5]))
    assert given.shape == (3, {"regression": 1, "ordinal": 1, "classes": 5}[head])
    assert model.head.losses(given, torch.tensor([0, 4, 2])).shape == (3,)
    stars, probabilities = model.head.rated(given)
    assert stars.shape == (3,)
    assert (probabilities is None) == (head == "regression")


def test_half_precision_ends_before_the_head() -> None:
    model = Rater(vocabulary=V, levels=LEVELS, head="ordinal", embedding=11, hidden=13)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert model(torch.randint(4, V, (3, 7)), torch.tensor([7, 2, 5])).dtype == torch.float32
    assert model.double()(torch.randint(4, V, (3, 7)), torch.tensor([7, 2, 5])).dtype == torch.float64


def test_a_regression_is_right_in_the_levels_own_unit() -> None:
    head = Regression(LEVELS)
    given = torch.tensor([[0.0], [1.0], [-1.0], [-3.0], [0.2]])
    assert head.rated(given).stars.tolist() == pytest.approx([6, 11, 1, 1, 7])
    # One unit is five levels: 11 given for 6 is off by one, 7 for 7 by none.
    assert head.losses(given[[0, 4]], torch.tensor([4, 3])).tolist() == pytest.approx([1, 0])


def test_stars_are_the_median_of_the_probabilities() -> None:
    probabilities = torch.tensor(
        [
            [0.4, 0.2, 0.1, 0.1, 0.2],
            [0.1, 0.1, 0.1, 0.1, 0.6],
            [0.9, 0.1, 0.0, 0.0, 0.0],
            [0.3, 0.1, 0.05, 0.15, 0.4],
        ]
    )
    stars, found = HEADS["classes"](LEVELS).rated(probabilities.log().clamp(min=-50))
    assert stars.tolist() == [2, 11, 1, 7]
    torch.testing.assert_close(found, probabilities)


def naive(head: Ordinal, score: float) -> list[float]:
    """McCullagh's differences of cumulative probabilities."""
    edges = head.thresholds.detach().tolist()
    below = [0.0, *(1 / (1 + math.exp(score - edge)) for edge in edges), 1.0]
    return [high - low for low, high in itertools.pairwise(below)]


def moved(steps: list[float]) -> Ordinal:
    head = Ordinal(LEVELS).double()
    head.steps.data = torch.tensor(steps, dtype=torch.float64)
    return head


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-4, 4), min_size=3, max_size=3), st.floats(-8, 8))
def test_ordinal_probabilities_are_differences_of_cumulative_ones(steps: list[float], score: float) -> None:
    head = moved(steps)
    found = head.log_probabilities(torch.tensor([[score]], dtype=torch.float64)).exp()[0]
    assert found.tolist() == pytest.approx(naive(head, score), abs=1e-12)
    assert float(found.sum().detach()) == pytest.approx(1)
    assert (head.thresholds.diff() > 0).all()


def test_thresholds_start_where_a_score_of_zero_tells_nothing() -> None:
    found = Ordinal(LEVELS).rated(torch.zeros(1, 1)).probabilities
    torch.testing.assert_close(found, torch.full((1, 5), 0.2))


def test_a_higher_score_moves_the_stars_up_only() -> None:
    stars = Ordinal(LEVELS).rated(torch.linspace(-9, 9, 101).unsqueeze(1)).stars
    assert (stars.diff() >= 0).all()
    assert set(stars.tolist()) == set(map(float, LEVELS))


@pytest.mark.parametrize("score", [-200.0, 0.0, 200.0])
def test_an_extreme_score_leaves_losses_and_gradients_finite(score: float) -> None:
    head, given = Ordinal(LEVELS), torch.full((5, 1), score, requires_grad=True)
    losses = head.losses(given, torch.arange(5))
    losses.sum().backward()
    for found in (losses, given.grad, head.steps.grad):
        assert found is not None
        assert found.isfinite().all()


def test_gradients_of_ordinal_losses() -> None:
    head = moved([-1.0, 0.3, 2.0])

    def loss(score: Tensor, steps: Tensor) -> Tensor:
        return torch.func.functional_call(head, {"steps": steps}, (score,))

    head.forward = lambda score: head.losses(score, torch.tensor([0, 2, 4]))  # type: ignore[method-assign]
    score = torch.tensor([[0.5], [-1.5], [2.5]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(loss, (score, head.steps.detach().clone().requires_grad_()))


@pytest.mark.parametrize("head", HEADS)
def test_learns_levels_from_words(head: str) -> None:
    """One of nine words tells the level: of five, the stars are within half a level of it on average."""
    torch.manual_seed(1)
    model = Rater(vocabulary=V, levels=LEVELS, head=head, embedding=8, hidden=16, pooling="max")
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

    def texts(count: int) -> tuple[Tensor, Tensor]:
        labels = torch.randint(0, len(LEVELS), (count,))
        tokens = torch.randint(4 + len(LEVELS), V, (count, 9))
        tokens[torch.arange(count), torch.randint(0, 9, (count,))] = 4 + labels
        return tokens, labels

    for _ in range(150):
        tokens, labels = texts(64)
        loss = model.head.losses(model(tokens, torch.full((64,), 9)), labels).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    tokens, labels = texts(256)
    stars = model.head.rated(model(tokens, torch.full((256,), 9))).stars
    assert float((stars - torch.tensor(LEVELS)[labels]).abs().mean()) < 0.5
