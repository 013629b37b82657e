"""Forecasting's loss over real values only, shared by processes, and the R² that validates it."""

from typing import Any

import numpy as np
import pytest
import torch

from pipeline.build.forecaster import build
from pipeline.config.schema.experiment import Optimisation
from pipeline.config.schema.forecasting import ForecasterModel
from pipeline.data.series import Part
from pipeline.data.windows import WindowBatches
from pipeline.tasks.forecasting import ForecastingTask, token_count

VALUES = np.random.default_rng(7).normal(size=(30, 2)).astype(np.float32)
WINDOWS = Part(VALUES, 10).windows(6, 4)
ROWS = np.array([19, 3, 18, 0, 7])


@pytest.fixture
def task() -> ForecastingTask:
    torch.manual_seed(3)
    model = ForecasterModel(hidden=7, patch=2).model_dump()
    network = build(model, {"channels": ["a", "b"], "horizons": [1, 4]})
    return ForecastingTask(network, Optimisation(epochs=2, learning_rate=0.1).model_dump(), horizons=[1, 4])


def test_loss_is_the_mean_over_real_values(task: ForecastingTask) -> None:
    batch = WindowBatches(WINDOWS)[ROWS]
    missed = (task.network(batch.past) - batch.future).square()
    real = torch.cat([missed[row, :length].flatten() for row, length in enumerate(batch.lengths.tolist())])
    assert real.numel() == 2 * (1 + 4 + 2 + 4 + 4)
    torch.testing.assert_close(task.batch_loss(batch), real.mean())
    assert token_count(batch) == 5 * 6


@pytest.mark.parametrize("ranks", [2, 3, 11])
def test_processes_share_a_batch_of_windows(task: ForecastingTask, ranks: int) -> None:
    def gradients(parts: list[Any]) -> list[torch.Tensor]:
        task.zero_grad()
        for part in parts:
            (task.batch_loss(part) / len(parts)).backward()
        return [value.grad.clone() for value in task.parameters() if value.grad is not None]

    alone = gradients([WindowBatches(WINDOWS)[ROWS]])
    together = gradients([WindowBatches(WINDOWS, rank=rank, ranks=ranks)[ROWS] for rank in range(ranks)])
    for one, other in zip(alone, together, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-7)


def test_validation_is_r2_over_the_horizons(task: ForecastingTask, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: dict[str, float] = {}
    monkeypatch.setattr(task, "log", lambda name, value: logged.update({name: float(value)}))
    monkeypatch.setattr(task, "gathered", lambda found: found)
    with torch.no_grad():
        for rows in np.split(np.arange(len(WINDOWS)), [7, 13]):
            task.validation_step(WindowBatches(WINDOWS)[rows], 0)
        task.on_validation_epoch_end()
        batch = WindowBatches(WINDOWS)[np.arange(len(WINDOWS))]
        squared = (task.network(batch.past) - batch.future).square()
    whole = batch.lengths == 4
    missed = squared[:, :1].mean() + squared[whole].mean()
    of_mean = batch.future[:, :1].square().mean() + batch.future[whole].square().mean()
    assert logged["validation_score"] == pytest.approx(1 - float(missed / of_mean), abs=1e-5)
    assert logged["validation_loss"] > 0
