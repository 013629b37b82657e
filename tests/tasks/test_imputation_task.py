"""Imputation's loss over what is asked only, shared by processes, and the R² that validates it."""

from typing import Any

import numpy as np
import pytest
import torch

from pipeline.build.imputer import build
from pipeline.config.schema.experiment import Optimisation
from pipeline.config.schema.imputation import ImputerModel
from pipeline.data.gaps import GapBatches, Gaps
from pipeline.data.series import Part
from pipeline.tasks.imputation import ImputationTask, token_count

VALUES = np.random.default_rng(7).normal(size=(37, 2)).astype(np.float32)
GAPS = Gaps(Part(VALUES, 13), hours=11, gap=3)
ROWS = GAPS.codes(np.array([19, 3, 17, 0, 7]))


@pytest.fixture
def task() -> ImputationTask:
    torch.manual_seed(3)
    network = build(ImputerModel(hidden=7, bidirectional=True).model_dump(), {"channels": ["a", "b"]})
    return ImputationTask(network, Optimisation(epochs=2, learning_rate=0.1).model_dump())


def test_loss_is_the_mean_over_hidden_hours(task: ImputationTask) -> None:
    batch = GapBatches(GAPS)[ROWS]
    missed = (task.network(batch.values, batch.hidden) - batch.actual).square()
    assert missed[batch.hidden].numel() == 5 * 3 * 2
    torch.testing.assert_close(task.batch_loss(batch), missed[batch.hidden].mean())
    assert token_count(batch) == 5 * 11


@pytest.mark.parametrize("ranks", [2, 3, 11])
def test_processes_share_a_batch_of_windows(task: ImputationTask, ranks: int) -> None:
    def gradients(parts: list[Any]) -> list[torch.Tensor]:
        task.zero_grad()
        for part in parts:
            (task.batch_loss(part) / len(parts)).backward()
        return [value.grad.clone() for value in task.parameters() if value.grad is not None]

    alone = gradients([GapBatches(GAPS)[ROWS]])
    together = gradients([GapBatches(GAPS, rank=rank, ranks=ranks)[ROWS] for rank in range(ranks)])
    for one, other in zip(alone, together, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-7)


def test_validation_is_r2_over_what_is_asked(task: ImputationTask, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: dict[str, float] = {}
    monkeypatch.setattr(task, "log", lambda name, value: logged.update({name: float(value)}))
    monkeypatch.setattr(task, "gathered", lambda found: found)
    codes = GAPS.codes(GAPS.numbers)
    with torch.no_grad():
        for rows in np.split(codes, [7, 13]):
            task.validation_step(GapBatches(GAPS)[rows], 0)
        task.on_validation_epoch_end()
        batch = GapBatches(GAPS)[codes]
        missed = (task.network(batch.values, batch.hidden) - batch.actual)[batch.hidden].square().mean()
    of_mean = batch.actual[batch.hidden].square().mean()
    assert logged["validation_score"] == pytest.approx(1 - float(missed / of_mean), abs=1e-5)
    assert logged["validation_loss"] == pytest.approx(float(missed), rel=1e-5)
