"""Gradient flow where the answer is known."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.errors import UserError
from pipeline.nn.classifier import Classifier
from pipeline.probes.gradient_flow import early_share, flow, half_life
from pipeline.probes.rows_read import RowsRead

TEXTS, STEPS, UNITS = 35, 40, 7


@pytest.fixture
def read() -> RowsRead:
    torch.manual_seed(0)
    return RowsRead((torch.randint(13, (TEXTS, STEPS)),), torch.arange(TEXTS) % 2)


def classifier(**options: Any) -> Classifier:
    torch.manual_seed(0)
    return Classifier(vocabulary=13, classes=2, embedding=UNITS, hidden=UNITS, **options)


@pytest.mark.parametrize("radius", [0.5, 0.9, 1.1])
def test_of_a_linear_network_the_slope_is_the_spectral_radius(read: RowsRead, radius: float) -> None:
    network = classifier(cell="rnn", activation="linear", recurrent_scale=radius)
    nn.init.orthogonal_(network.recurrent.kernels[0].input)  # type: ignore[arg-type]
    gradient, _ = flow(network, read)
    slopes = np.diff(np.log(gradient))
    np.testing.assert_allclose(slopes, -math.log(radius), atol=1e-5)  # the weights were drawn in float32
    assert half_life(gradient) == pytest.approx(
        math.log(2) / -math.log(radius) if radius < 1 else math.inf, rel=1e-4
    )


def test_a_network_without_recurrence_has_learned_from_its_last_step_only(
    read: RowsRead,
) -> None:
    network = classifier(cell="rnn")
    nn.init.zeros_(network.recurrent.kernels[0].hidden)  # type: ignore[arg-type]
    gradient, share = flow(network, read)
    assert share.tolist() == [0.0] * (STEPS - 1) + [1.0]
    assert early_share(share) == 0
    assert half_life(gradient) == 0


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_shares_are_shares_and_the_network_stays_as_it_was(read: RowsRead, cell: Any) -> None:
    network = classifier(cell=cell)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    gradient, share = flow(network, read)
    assert gradient.shape == share.shape == (STEPS,)
    assert share.sum() == pytest.approx(1)
    assert (share > 0).all()
    after = network.state_dict()
    assert all(torch.equal(after[name], weight) for name, weight in before.items())


def test_texts_are_averaged_one_by_one(read: RowsRead) -> None:
    network = classifier(cell="lstm")
    gradient, share = flow(network, read)
    alone = [flow(network, row) for row in read.split(1)]
    np.testing.assert_allclose(gradient, np.mean([one for one, _ in alone], 0), rtol=1e-9)
    np.testing.assert_allclose(share, np.mean([one for _, one in alone], 0), rtol=1e-9)


def test_forgetting_less_keeps_more(read: RowsRead) -> None:
    found = [flow(classifier(cell="lstm", forget_bias=bias), read) for bias in (-1.0, 1.0)]
    lives, shares = [half_life(one) for one, _ in found], [early_share(one) for _, one in found]
    assert lives[0] < lives[1]
    assert shares[0] < shares[1]


def test_the_early_share_is_that_of_the_first_tenth() -> None:
    assert early_share(np.full(20, 0.05)) == pytest.approx(0.1)
    assert early_share(np.array([0.25] + [0.75 / 9] * 9)) == 0.25
    assert early_share(np.array([0.25, 0.75])) == 0.25


def test_the_half_life_is_that_of_the_bulk_of_the_steps() -> None:
    steps = np.arange(50)
    falling = 0.5 ** ((49 - steps) / 4)
    assert half_life(falling) == pytest.approx(4)
    few = falling.copy()
    few[[10, 20, 49]] *= 1000
    assert half_life(few) == pytest.approx(4, rel=0.05)
    assert half_life(falling[::-1]) == math.inf
    assert half_life(np.r_[np.zeros(30), falling]) == pytest.approx(4)  # what underflowed doesn't count


def test_a_network_that_it_cannot_read_is_one_line(read: RowsRead) -> None:
    with pytest.raises(
        UserError, match=r"^gradient_flow: only a single layer that reads embeddings forwards"
    ):
        flow(classifier(bidirectional=True), read)
