"""Shapes of every option, what each option promises, and that a rule of the past is learned."""

from typing import Any

import pytest
import torch

from pipeline.nn.forecaster import Forecaster

CHANNELS, HORIZON, HOURS = 3, 5, 12


def forecaster(**options: Any) -> Forecaster:
    sizes: dict[str, Any] = {"channels": CHANNELS, "horizon": HORIZON, "hidden": 7}
    return Forecaster(**sizes | options).double().eval()


def past(windows: int = 4) -> torch.Tensor:
    return torch.randn(windows, HOURS, CHANNELS, dtype=torch.float64)


@pytest.mark.parametrize("normalise", ["none", "last", "window"])
@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("patch", [1, 4])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_shapes_and_windows_that_know_nothing_of_each_other(
    cell: str, patch: int, apart: bool, normalise: str
) -> None:
    model = forecaster(
        cell=cell, patch=patch, apart=apart, normalise=normalise, layers=2, bidirectional=cell == "gru"
    )
    windows = past()
    together = model(windows)
    assert together.shape == (4, HORIZON, CHANNELS)
    for row in range(4):
        torch.testing.assert_close(model(windows[row : row + 1])[0], together[row])


def test_every_hour_is_read_in_its_own_patch() -> None:
    model = forecaster(patch=4)
    windows = past().requires_grad_()
    model(windows).sum().backward()
    assert windows.grad is not None
    assert bool((windows.grad != 0).all())
    assert model.step == 4 * CHANNELS


@pytest.mark.parametrize("apart", [False, True])
def test_channels_apart_share_one_network_and_see_nothing_of_each_other(apart: bool) -> None:
    model = forecaster(apart=apart)
    windows = past()
    changed = windows.clone()
    changed[..., 1] += 1
    moved = (model(windows) - model(changed)).abs().amax((0, 1)) > 0
    assert moved.tolist() == ([False, True, False] if apart else [True, True, True])
    if apart:
        order = [2, 0, 1]
        torch.testing.assert_close(model(windows[..., order]), model(windows)[..., order])


@pytest.mark.parametrize(("normalise", "scale"), [("last", 1.0), ("window", 10.0)])
def test_a_forecast_moves_with_its_window(normalise: str, scale: float) -> None:
    model = forecaster(normalise=normalise)
    windows = past()
    torch.testing.assert_close(model(scale * windows + 50), scale * model(windows) + 50)


def test_a_channel_that_stands_still_gives_a_finite_forecast() -> None:
    windows = past()
    windows[..., 1] = 2.0
    assert bool(forecaster(normalise="window")(windows).isfinite().all())


def test_learns_that_a_wave_goes_on() -> None:
    """Waves of one length at any phase: what follows is a function of what was."""
    torch.manual_seed(0)
    model = Forecaster(channels=1, horizon=4, hidden=16, cell="gru")
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

    def waves() -> torch.Tensor:
        hours = torch.arange(HOURS + 4) + torch.rand(64, 1) * 8
        return torch.sin(hours * torch.pi / 4).unsqueeze(-1)

    for _ in range(200):
        both = waves()
        optimizer.zero_grad()
        (model(both[:, :HOURS]) - both[:, HOURS:]).square().mean().backward()
        optimizer.step()
    both = waves()
    missed = (model.eval()(both[:, :HOURS]) - both[:, HOURS:]).square().mean()
    assert missed < 0.02 * both[:, HOURS:].square().mean()
