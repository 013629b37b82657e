"""What an imputer may see, what its options promise, and that two directions use what comes behind a gap."""

from typing import Any

import pytest
import torch

from pipeline.nn.imputer import Imputer

CHANNELS, HOURS = 3, 11


def imputer(**options: Any) -> Imputer:
    torch.manual_seed(5)
    sizes: dict[str, Any] = {"channels": CHANNELS, "hidden": 7}
    return Imputer(**sizes | options).double().eval()


def windows(count: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    hidden = torch.zeros(count, HOURS, dtype=torch.bool)
    hidden[:, 4:6] = True
    return torch.randn(count, HOURS, CHANNELS, dtype=torch.float64), hidden


@pytest.mark.parametrize("normalise", ["none", "window"])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_hidden_values_are_not_seen(cell: str, normalise: str) -> None:
    model = imputer(cell=cell, normalise=normalise, layers=2, bidirectional=True)
    values, hidden = windows()
    answers = model(values, hidden)
    assert answers.shape == values.shape
    changed = values.masked_fill(hidden.unsqueeze(-1), 1e6)
    torch.testing.assert_close(model(changed, hidden), answers, rtol=0, atol=0)
    assert bool((model(values, ~hidden) != answers).all())


@pytest.mark.parametrize("bidirectional", [False, True])
def test_what_follows_a_gap_is_seen_in_two_directions_only(bidirectional: bool) -> None:
    model = imputer(bidirectional=bidirectional)
    values, hidden = windows()
    changed = values.clone()
    changed[:, 7] += 1
    moved = (model(values, hidden) != model(changed, hidden)).any(-1).all(0)
    assert moved.tolist() == [bidirectional] * 7 + [True] * 4


def test_answers_move_with_their_window() -> None:
    model = imputer(normalise="window")
    values, hidden = windows()
    torch.testing.assert_close(model(10 * values + 50, hidden), 10 * model(values, hidden) + 50)


def test_a_channel_that_stands_still_gives_a_finite_answer() -> None:
    values, hidden = windows()
    values[..., 1] = 2.0
    assert bool(imputer(normalise="window")(values, hidden).isfinite().all())


@pytest.mark.parametrize(("bidirectional", "most"), [(True, 0.05), (False, 2.0)])
def test_a_line_is_drawn_across_a_gap_by_who_sees_both_ends(bidirectional: bool, most: float) -> None:
    """A level before, another one behind: what lies between can't be told from the first alone."""
    torch.manual_seed(0)
    model = Imputer(channels=1, hidden=16, cell="gru", bidirectional=bidirectional)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    hidden = (torch.arange(HOURS) // 3 == 1).expand(64, HOURS)

    def steps() -> torch.Tensor:
        before, after = torch.randn(2, 64, 1)
        share = ((torch.arange(HOURS) - 2) / 4).clamp(0, 1)
        return (before + share * (after - before)).unsqueeze(-1)

    for _ in range(200):
        values = steps()
        optimizer.zero_grad()
        (model(values, hidden) - values)[hidden].square().mean().backward()
        optimizer.step()
    values = steps()
    missed = (model.eval()(values, hidden) - values)[hidden].square().mean()
    blind = (values - values[:, :1])[hidden].square().mean() / 2
    assert missed < most * blind
    assert bidirectional or missed > 0.5 * blind
