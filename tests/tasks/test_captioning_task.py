"""Captioning: a loss over all captions that processes share, the CIDEr that validates it, and learning."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from torch import Tensor

from pipeline.config.schema.captioning import CaptionerModel, CaptionerTraining
from pipeline.config.schema.datasets import CaptionedImages
from pipeline.data.captioned import CaptionBatches
from pipeline.data.pictures import Pictures
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.images import png
from pipeline.metrics.captioning import cider
from pipeline.nn import standardised
from pipeline.nn.standardised import Standardised
from pipeline.tasks.one_to_many import OneToMany, build, token_count

SIDE = 8
COLOURS = {"red": (230, 20, 20), "green": (20, 200, 30), "blue": (10, 30, 240)}
MODEL = CaptionerModel(channels=[8, 16], embedding=7, hidden=14, attention="luong")
TRAINING = CaptionerTraining(epochs=2, learning_rate=0.1)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    """Pictures of two halves, each of one colour; captions of unequal length name them from the left."""
    root, rng = tmp_path_factory.mktemp("halves"), np.random.default_rng(5)
    (root / "raw").mkdir()
    for split, size in {"train": 61, "validation": 23, "test": 5}.items():
        names = rng.choice(list(COLOURS), size=(size, 2))
        pictures = np.repeat([[COLOURS[one] for one in pair] for pair in names], SIDE // 2, axis=1)
        noise = rng.integers(-9, 10, size=(size, SIDE, SIDE, 3))
        rows = (pictures[:, None] + noise).clip(0, 255).astype(np.uint8)
        captions = [[f"{left} {right}", f"{left} , then {right}"] for left, right in names]
        table = pa.table({"image": [png(row) for row in rows], "captions": captions})
        pq.write_table(table, root / f"raw/{split}.parquet")
    kind = CaptionedImages.model_validate(
        {
            "kind": "captioned_images",
            "corpus": "halves",
            "side": SIDE,
            "tokenizer": {"kind": "word", "vocabulary": 20, "minimum_frequency": 1},
        }
    )
    prepare(kind, root / "raw", root / "prepared")
    return PreparedDataset.open(Path(root / "prepared"))


def task_for(dataset: PreparedDataset, **changes: Any) -> OneToMany:
    torch.manual_seed(3)
    parameters = {"model": MODEL.model_dump() | changes, "training": TRAINING.model_dump()}
    return build(dataset, parameters)


@pytest.fixture
def task(dataset: PreparedDataset) -> OneToMany:
    return task_for(dataset)


@pytest.fixture(scope="module")
def train(dataset: PreparedDataset) -> Pictures:
    return Pictures.read(dataset, "train")


ROWS = np.array([19, 3, 18, 0, 7])


def test_loss_is_the_mean_over_words(task: OneToMany, train: Pictures) -> None:
    batch = CaptionBatches(train)[ROWS]
    assert token_count(batch) == 5 * (3 + 5)
    loss = task.network.loss(batch.pictures, batch.owner, batch.target, batch.target_lengths)
    torch.testing.assert_close(task.batch_loss(batch), loss.nll / token_count(batch))


@pytest.mark.parametrize("ranks", [2, 3, 5])
def test_processes_share_a_batch_and_its_moments(
    dataset: PreparedDataset, train: Pictures, ranks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What each process knows of the others is the sum over all rows: here a process knows it beforehand."""

    def gradients(task: OneToMany, parts: list[Any]) -> list[Tensor]:
        task.zero_grad()
        torch.stack([task.batch_loss(part) / len(parts) for part in parts]).sum().backward()
        return [value.grad.clone() for value in task.parameters() if value.grad is not None]

    batches = [CaptionBatches(train, rank=rank, ranks=ranks) for rank in range(ranks)]
    parts = [each[ROWS] for each in batches]
    alone = task_for(dataset).double()
    expected = gradients(alone, [CaptionBatches(train)[ROWS]])
    together = task_for(dataset).double()
    whole = _sums(together, [part.pictures for part in parts])
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(standardised, "all_reduce", lambda sums: whole)
    for one, other in zip(expected, gradients(together, parts), strict=True):
        torch.testing.assert_close(other, one, rtol=1e-7, atol=1e-12)


def _sums(task: OneToMany, parts: list[Tensor]) -> Tensor:
    """Of squares and all over the rows of all processes, with their gradient."""
    means = [task.network.encoder(part).mean(1) for part in parts]
    counts = torch.tensor([sum(map(len, parts))], dtype=torch.double)
    return torch.cat([sum(m.sum(0) for m in means), sum(m.square().sum(0) for m in means), counts])


def test_moments_of_all_rows_are_those_of_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = 5 + torch.randn(11, 7, dtype=torch.double)
    one, other = Standardised(7).double(), Standardised(7).double()
    expected = one(rows)
    total = torch.cat([rows.sum(0), rows.square().sum(0), torch.tensor([11.0], dtype=torch.double)])
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(standardised, "all_reduce", lambda sums: total)
    torch.testing.assert_close(other(rows[3:7]), expected[3:7])
    torch.testing.assert_close(other.variance, one.variance)


def test_a_picture_that_stands_in_for_none_counts_nothing(
    task: OneToMany, dataset: PreparedDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process without rows of its own gets one to go through the motions with."""
    told: list[Tensor] = []

    def reduce(sums: Tensor) -> Tensor:
        told.append(sums.detach())
        return sums + 1

    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(standardised, "all_reduce", reduce)
    train = Pictures.read(dataset, "train")
    for rank in range(3):
        task.batch_loss(CaptionBatches(train, rank=rank, ranks=3)[np.array([4, 2])])
    assert [float(sums[-1]) for sums in told] == [1, 1, 0]
    assert not told[2].any()


def test_validation_is_the_cider_of_greedy_captions(
    task: OneToMany, dataset: PreparedDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: dict[str, float] = {}
    monkeypatch.setattr(task, "log", lambda name, value: logged.update({name: float(value)}))
    monkeypatch.setattr(task, "gathered", lambda found: found)
    task.eval()
    batches = CaptionBatches(Pictures.read(dataset, "validation"))
    with torch.no_grad():
        for rows in np.split(np.arange(23), [7, 18]):
            task.validation_step(batches[rows], 0)
        loss = task.batch_loss(batches[np.arange(23)])
    assert sorted(task._captions) == list(range(23))
    task._captions = {row: own[0] for row, own in enumerate(task.references)}
    task.on_validation_epoch_end()
    assert logged["validation_loss"] == pytest.approx(float(loss), rel=1e-4)
    found = cider([own[0] for own in task.references], task.references, lowercase=True)
    assert logged["validation_score"] == pytest.approx(found.value)
    assert task._captions == {}


@pytest.mark.parametrize(
    "changes", [{"attention": "none"}, {"attention": "none", "picture": "every"}, {"attention": "luong"}]
)
def test_training_learns_to_name_what_is_seen(
    dataset: PreparedDataset, train: Pictures, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left and right are told apart, and all of validation is named rightly."""
    task = task_for(dataset, **changes)
    batches = CaptionBatches(train)
    optimiser = torch.optim.Adam(task.parameters(), lr=0.02)
    for epoch in range(25):
        for rows in batches.order(budget=150, seed=1, epoch=epoch):
            optimiser.zero_grad()
            task.batch_loss(batches[rows]).backward()
            optimiser.step()
    monkeypatch.setattr(task, "gathered", lambda found: found)
    monkeypatch.setattr(task, "log", lambda name, value: None)
    task.eval()
    with torch.no_grad():
        task.validation_step(CaptionBatches(Pictures.read(dataset, "validation"))[np.arange(23)], 0)
    right = [task._captions[row] in own for row, own in enumerate(task.references)]
    assert np.mean(right) > 0.9
