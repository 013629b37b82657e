"""Networks without recurrence: what they can and cannot tell apart."""

import pytest
import torch

from pipeline.nn.unordered import Averager, Flat

SIZES = {"vocabulary": 20, "classes": 3, "embedding": 4}
TEXT, LENGTH = torch.tensor([[5, 6, 7, 8]]), torch.tensor([4])


@pytest.mark.parametrize("hidden", [None, 8])
def test_an_average_knows_no_order_and_no_padding(hidden: int | None) -> None:
    network = Averager(hidden=hidden, **SIZES).eval()
    logits = network(TEXT, LENGTH)
    assert logits.shape == (1, 3)
    torch.testing.assert_close(network(TEXT.flip(1), LENGTH), logits)
    padded = torch.tensor([[5, 6, 7, 8, 0, 0]])
    torch.testing.assert_close(network(padded, LENGTH), logits)


def test_an_average_takes_any_length_with_the_same_parameters() -> None:
    network = Averager(hidden=8, **SIZES)
    assert network(torch.ones(2, 50, dtype=torch.long), torch.tensor([50, 9])).shape == (2, 3)


def test_a_flat_network_has_a_weight_for_each_position() -> None:
    network = Flat(hidden=8, positions=4, **SIZES).eval()
    logits = network(TEXT, LENGTH)
    assert not torch.allclose(network(TEXT.flip(1), LENGTH), logits)
    longer = Flat(hidden=8, positions=6, **SIZES)
    grown = sum(map(torch.numel, longer.parameters())) - sum(map(torch.numel, network.parameters()))
    assert grown == 2 * 4 * 8


def test_a_flat_network_cuts_what_is_longer_and_fills_what_is_shorter() -> None:
    network = Flat(hidden=8, positions=4, **SIZES).eval()
    long = torch.tensor([[5, 6, 7, 8, 9, 10]])
    torch.testing.assert_close(network(long, torch.tensor([6])), network(TEXT, LENGTH))
    short, padded = torch.tensor([[5, 6]]), torch.tensor([[5, 6, 0, 0]])
    torch.testing.assert_close(network(short, torch.tensor([2])), network(padded, torch.tensor([2])))
