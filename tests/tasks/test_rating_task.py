"""A rater's losses do not depend on how many processes share a batch; its score is scikit-learn's kappa."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import cohen_kappa_score

from pipeline.build.rater import build
from pipeline.config.schema.experiment import Optimisation
from pipeline.config.schema.rating import RaterModel
from pipeline.data.store import Split, TokenColumn, write_column
from pipeline.data.texts import TextBatches
from pipeline.tasks.rating import RatingTask

VOCABULARY, LEVELS = 23, [1, 2, 7]
ROWS = np.array([4, 2, 0, 6, 5, 3, 1])
HEADS = ["regression", "ordinal", "classes"]


@pytest.fixture
def split(tmp_path: Path) -> Split:
    rng = np.random.default_rng(7)
    texts = [rng.integers(4, VOCABULARY, length).tolist() for length in (5, 1, 13, 3, 7, 2, 11)]
    write_column(tmp_path, "text", texts)
    return Split(tmp_path, {"text": TokenColumn(tmp_path, "text")}, np.array([0, 1, 2, 0, 1, 2, 1]))


def task(head: str) -> RatingTask:
    torch.manual_seed(3)
    model = RaterModel(head=head, embedding=5, hidden=7, pooling="mean").model_dump()  # type: ignore[arg-type]
    network = build(model, {"vocabulary": {"text": VOCABULARY}, "levels": LEVELS}).double()
    return RatingTask(network, Optimisation(epochs=2, learning_rate=0.1).model_dump(), levels=LEVELS)


def gradients(task: RatingTask, split: Split, ranks: int) -> dict[str, torch.Tensor]:
    task.zero_grad()
    for rank in range(ranks):
        batch = TextBatches(split, max_tokens=11, keep="last", rank=rank, ranks=ranks)[ROWS]
        (task.batch_loss(batch) / ranks).backward()
    return {name: value.grad.clone() for name, value in task.named_parameters() if value.grad is not None}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("ranks", [2, 11])
def test_processes_share_a_batch(split: Split, ranks: int, head: str) -> None:
    alone, together = (gradients(task(head), split, count) for count in (1, ranks))
    assert len(alone) == len(list(task(head).network.parameters()))
    for name, gradient in alone.items():
        torch.testing.assert_close(together[name], gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("head", HEADS)
def test_validation_is_the_kappa_of_the_nearest_levels(split: Split, head: str) -> None:
    rater, logged = task(head).eval(), {}
    rater.log = lambda name, value: logged.update({name: float(value)})  # type: ignore[assignment,method-assign]
    batches: Any = TextBatches(split, max_tokens=11, keep="last")
    with torch.no_grad():
        for rows in (ROWS[:4], ROWS[4:]):
            rater.validation_step(batches[rows], 0)
        rater.on_validation_epoch_end()
        batch = batches[ROWS]
        given = rater.network(batch.tokens, batch.lengths)
        stars = rater.network.head.rated(given).stars
    nearest = np.array(LEVELS)[np.abs(stars.numpy()[:, None] - LEVELS).argmin(1)]
    actual = np.array(LEVELS)[batch.labels]
    expected = cohen_kappa_score(actual, nearest, labels=list(range(1, 8)), weights="quadratic")
    assert logged["validation_score"] == pytest.approx(expected, abs=1e-6)
    losses = rater.network.head.losses(given, batch.labels)
    assert logged["validation_loss"] == pytest.approx(float(losses.mean()), rel=1e-5)
