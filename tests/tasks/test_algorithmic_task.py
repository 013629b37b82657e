"""Losses of the steps that ask, shared by processes; validation by accuracy, or by R² of numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from pipeline.build.recaller import build
from pipeline.config.schema.algorithmic import RecallerModel
from pipeline.config.schema.corpora import AlgorithmicCorpus, Sizes
from pipeline.config.schema.datasets import Steps
from pipeline.config.schema.experiment import Optimisation
from pipeline.corpora.canonical import write
from pipeline.corpora.embedded.algorithmic import generate
from pipeline.data.prepare import prepare
from pipeline.data.step_batches import StepsBatches
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.tasks.algorithmic import AlgorithmicTask, token_count

ROWS = np.array([4, 2, 0, 6, 5])


def prepared(root: Path, problem: str, **changed: Any) -> PreparedDataset:
    sizes = Sizes(train=7, validation=5, test=5)
    corpus = AlgorithmicCorpus(reader="algorithmic", problem=problem, sizes=sizes, farthest=12)  # type: ignore[arg-type]
    (root / "raw").mkdir()
    for name, table in generate(corpus).items():
        write(table, root / f"raw/{name}.parquet")
    wanted = "numbers" if problem == "adding" else "symbols"
    dataset = Steps.model_validate({"kind": "steps", "corpus": problem, "wanted": wanted} | changed)
    prepare(dataset, root / "raw", root / "prepared")
    return PreparedDataset.open(root / "prepared")


def task(dataset: PreparedDataset) -> AlgorithmicTask:
    torch.manual_seed(3)
    network = build(RecallerModel(embedding=4, hidden=7).model_dump(), dataset.description)
    training = Optimisation(epochs=2, learning_rate=0.1).model_dump()
    return AlgorithmicTask(network, training, wanted=dataset.description["wanted"])


def test_a_batch_holds_what_the_corpus_does(tmp_path: Path) -> None:
    dataset = prepared(tmp_path, "adding")
    batches = StepsBatches(dataset.split("train"))
    batch = batches[ROWS]
    raw = pd.read_parquet(tmp_path / "raw/train.parquet")
    for place, row in enumerate(ROWS):
        length = int(batch.lengths[place])
        assert length == len(raw["symbols"][row])
        for name in ("symbols", "numbers", "targets", "distances"):
            np.testing.assert_allclose(getattr(batch, name)[place, :length], raw[name][row], rtol=1e-6)
            assert not getattr(batch, name)[place, length:].any()
    assert token_count(batch) == sum(len(raw["symbols"][row]) for row in ROWS)


@pytest.mark.parametrize("problem", ["adding", "copy", "reverse", "recall"])
def test_loss_is_the_mean_over_what_is_asked(tmp_path: Path, problem: str) -> None:
    dataset = prepared(tmp_path, problem)
    own, batch = task(dataset), StepsBatches(dataset.split("train"))[ROWS]
    found, total, asked = own.network(batch.symbols, batch.numbers, batch.lengths), 0.0, 0
    for row, step in zip(*torch.where(batch.distances > 0), strict=True):
        target, asked = batch.targets[row, step], asked + 1
        if problem == "adding":
            total += float((found[row, step, 0] - target) ** 2)
        else:
            total -= float(found[row, step].log_softmax(-1)[int(target)])
    assert float(own.batch_loss(batch)) == pytest.approx(total / asked, rel=1e-5)


@pytest.mark.parametrize("problem", ["adding", "reverse"])
@pytest.mark.parametrize("ranks", [2, 3, 11])
def test_processes_share_a_batch(tmp_path: Path, problem: str, ranks: int) -> None:
    dataset = prepared(tmp_path, problem)
    own = task(dataset)

    def gradients(ranks: int) -> list[torch.Tensor]:
        own.zero_grad()
        for rank in range(ranks):
            part = StepsBatches(dataset.split("train"), rank=rank, ranks=ranks)[ROWS]
            (own.batch_loss(part) / ranks).backward()
        return [value.grad.clone() for value in own.parameters() if value.grad is not None]

    for one, other in zip(gradients(1), gradients(ranks), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("problem", ["adding", "reverse"])
def test_validation_counts_every_answer_once(
    tmp_path: Path, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = prepared(tmp_path, problem)
    own, batches = task(dataset), StepsBatches(dataset.split("train"))
    logged: dict[str, float] = {}
    monkeypatch.setattr(own, "log", lambda name, value: logged.update({name: float(value)}))
    with torch.no_grad():
        for rows in ([0, 1, 2], [3, 4], [5, 6]):
            own.validation_step(batches[np.array(rows)], 0)
        own.on_validation_epoch_end()
        batch = batches[np.arange(7)]
        found = own.network(batch.symbols, batch.numbers, batch.lengths)[batch.asked]
        targets = batch.targets[batch.asked]
    if problem == "adding":
        expected = 1 - ((found[:, 0] - targets) ** 2).sum() / ((targets - targets.mean()) ** 2).sum()
    else:
        expected = (found.argmax(-1) == targets).float().mean()
    assert logged["validation_score"] == pytest.approx(float(expected), rel=1e-4)
    assert logged["validation_loss"] == pytest.approx(float(own.batch_loss(batch)), rel=1e-4)


def test_a_corpus_that_lacks_a_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    for name in ("train", "validation", "test"):
        pd.DataFrame({"symbols": [[4]], "numbers": [[0.0]]}).to_parquet(tmp_path / f"raw/{name}.parquet")
    dataset = Steps(kind="steps", corpus="recall", wanted="symbols")
    with pytest.raises(UserError, match="has no column 'distances'; it has symbols, numbers"):
        prepare(dataset, tmp_path / "raw", tmp_path / "prepared")
