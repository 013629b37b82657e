"""A run that learns another target language before its own."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.datasets import TextPairs
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.tasks import parent_first
from pipeline.training import fit, store

MODULE = "pipeline.tasks.parent_first"
PARENT, FEW = {"epochs": 4, "learning_rate": 0.03}, {"pairs": 20, "passes": 3}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    """Both languages say the words one by one, with a letter of their own."""
    folder, rng = tmp_path_factory.mktemp("parent"), np.random.default_rng(7)
    for split, count in (("train", 300), ("validation", 23), ("test", 13)):
        words = [rng.integers(0, 9, rng.integers(1, 6)).tolist() for _ in range(count)]
        columns = {
            name: [" ".join(f"{name[0]}{i}" for i in row) for row in words] for name in ("en", "de", "fr")
        }
        pq.write_table(pa.table(columns), folder / f"{split}.parquet")
    tokenizer = {"kind": "word", "vocabulary": 50, "minimum_frequency": 1}
    block = {"kind": "text_pairs", "corpus": "made", "source": "en", "target": "de", "parent": "fr"}
    prepare(TextPairs.model_validate(block | {"tokenizer": tokenizer}), folder, folder / "prepared")
    return PreparedDataset.open(folder / "prepared")


def spec(lab: Any, dataset: PreparedDataset, twin: str, *, epochs: int = 7, **data: Any) -> Any:
    model = {"dropout": 0.0, "hidden": 20, "embedding": 12}
    training = {"epochs": epochs, "label_smoothing": 0.0}
    made = lab.spec("translation", twin=twin, model=model, training=training, data=data, module=MODULE)
    return replace(made, dataset_folder=str(dataset.folder), dataset_digest=dataset.digest)


def test_the_parent_is_learned_first_and_never_what_is_kept(lab: Any, dataset: PreparedDataset) -> None:
    made = spec(lab, dataset, "parent", parent=PARENT, few=FEW)
    fit.fit(store.enter(made))
    curves = pd.read_csv(store.folder_of(made) / "curves.csv")
    curve = {name: rows.set_index("epoch")["value"] for name, rows in curves.groupby("metric")}
    scores, losses, rates = (curve[name] for name in ("validation_score", "train_loss", "learning_rate"))
    assert list(scores[[1, 2, 3, 4]]) == [0.0] * 4
    assert scores.max() > 0
    assert lab.run(made)["best_epoch"] > 4
    parent = losses[losses.index <= 4]
    assert parent.iloc[-1] < parent.iloc[0] - 0.5  # nats a word
    assert rates[rates.index < 4].max() <= 0.03
    assert rates[rates.index > 4].max() <= 0.02


@pytest.mark.parametrize("epoch", [1, 5])
def test_a_killed_run_goes_on_with_the_bits_of_an_undisturbed_one(
    lab: Any, dataset: PreparedDataset, epoch: int
) -> None:
    whole = spec(lab, dataset, "whole", parent=PARENT, few=FEW)
    killed = spec(lab, dataset, f"killed in {epoch}", parent=PARENT, few=FEW)
    fit.fit(store.enter(whole))
    lab.kill(killed, epoch=epoch, batch=2)
    fit.fit(store.enter(killed))
    assert lab.results(killed) == lab.results(whole)


def test_few_pairs_are_the_seeds_and_each_pass_has_them_all(lab: Any, dataset: PreparedDataset) -> None:
    made = spec(lab, dataset, "few", few=FEW)
    batches = parent_first.batches(dataset, "train", made.parameters["data"], rank=0, ranks=1)

    def rows(seed: int, **options: Any) -> list[int]:
        order = batches.order(budget=20, seed=seed, **options)
        return [int(row) for batch in order for row in batch]

    assert len(rows(1)) == 60
    assert len(set(rows(1))) == 20
    assert sorted(rows(1)) == sorted(rows(1, epoch=1))
    assert rows(1) != rows(1, epoch=1)
    assert set(rows(1)) != set(rows(2))
    short = rows(1, longest=5)
    assert set(short) < set(rows(1))
    assert batches.lengths[short].max() == 5


def test_without_few_all_pairs_follow_the_parent(lab: Any, dataset: PreparedDataset) -> None:
    made = spec(lab, dataset, "all", parent=PARENT)
    batches = parent_first.batches(dataset, "train", made.parameters["data"], rank=0, ranks=1)
    targets = []
    for epoch in (3, 4):
        order = batches.order(budget=20, seed=1, epoch=epoch)
        assert sum(map(len, order)) == 300
        targets.append(dataset.tokenizer("target").decode(batches[order[0]].target[0].tolist()))
    assert [text.split()[0][0] for text in targets] == ["f", "d"]
