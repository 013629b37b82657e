"""A run that reads running text before it learns the classes."""

from typing import Any

import pandas as pd
import pytest
import torch

from pipeline.bundle.load import load
from pipeline.data.store import PreparedDataset
from pipeline.tasks import reading_first
from pipeline.training import fit, store

MODULE = "pipeline.tasks.reading_first"
READING = {
    "split": "train",
    "epochs": 2,
    "tokens": None,
    "batch_tokens": 21,
    "window": 7,
    "learning_rate": 0.03,
}
FEW = {"labels": 60, "passes": 2}


def spec(lab: Any, twin: str, **data: Any) -> Any:
    model = {"bidirectional": False, "layers": 1, "dropout": 0.1, "pooling": "attention"}
    model |= {"word_dropout": 0.0, "embedding": 16}
    training = {"epochs": 5, "label_smoothing": 0.0}
    return lab.spec("classification", twin=twin, model=model, training=training, data=data, module=MODULE)


def test_it_reads_then_classifies_and_is_chosen_among_the_classifying_epochs(lab: Any) -> None:
    made = spec(lab, "read", reading=READING, few=FEW)
    fit.fit(store.enter(made))
    curves = pd.read_csv(store.folder_of(made) / "curves.csv")
    scores = curves[curves["metric"] == "validation_score"].set_index("epoch")["value"]
    assert list(scores.index) == [1, 2, 3, 4, 5]
    assert list(scores[[1, 2]]) == [0.0, 0.0]
    assert scores.max() > 0.6
    assert lab.run(made)["best_epoch"] > 2
    losses = curves[curves["metric"] == "train_loss"].set_index("epoch")["value"]
    reading = losses[losses.index <= 2]
    assert reading.iloc[-1] < reading.iloc[0] - 0.2  # nats a word
    bundle = load(store.folder_of(made) / "bundle")
    assert bundle.network(torch.tensor([[5, 6, 7]]), torch.tensor([3])).shape == (1, 2)


def test_rates_of_the_two_parts_rise_and_fall_each(lab: Any) -> None:
    made = spec(lab, "rates", reading=READING, few=FEW | {"passes": 20})
    fit.fit(store.enter(made))
    curves = pd.read_csv(store.folder_of(made) / "curves.csv")
    rates = curves[curves["metric"] == "learning_rate"].set_index("epoch")["value"]
    reading, labelled = rates[rates.index < 2], rates[rates.index > 2]
    assert reading.max() <= 0.03
    assert labelled.max() <= 0.02
    assert reading.iloc[-1] < reading.max() / 2
    assert labelled.max() > 2 * reading.iloc[-1]
    assert labelled.iloc[-1] < labelled.max() / 2


@pytest.mark.parametrize("epoch", [1, 3])
def test_a_killed_run_goes_on_with_the_bits_of_an_undisturbed_one(lab: Any, epoch: int) -> None:
    whole = spec(lab, "whole", reading=READING, few=FEW)
    killed = spec(lab, f"killed in {epoch}", reading=READING, few=FEW)
    fit.fit(store.enter(whole))
    lab.kill(killed, epoch=epoch, batch=2)
    fit.fit(store.enter(killed))
    assert lab.results(killed) == lab.results(whole)


def test_few_labels_alone_read_nothing(lab: Any) -> None:
    made = spec(lab, "fresh", few=FEW)
    dataset = PreparedDataset.open(lab.prepared / "reviews")
    batches = reading_first.batches(dataset, "train", made.parameters["data"], rank=0, ranks=1)
    rows = [int(row) for batch in batches.order(budget=64, longest=40, seed=1, epoch=0) for row in batch]
    assert len(rows) == 120
    assert len(set(rows)) == 60
