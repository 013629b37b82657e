"""Tables of classifiers where words that say nothing stand behind texts."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.config.schema.datasets import LabelledText
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset, Split
from pipeline.evaluation.classification import _tables, evaluate_baseline
from pipeline.evaluation.paired import paired
from pipeline.metrics.classification import filler_drop

LENGTHS = [0, 5, 30]


@pytest.fixture
def dataset(tmp_path: Path) -> PreparedDataset:
    raw = tmp_path / "raw"
    raw.mkdir()
    for split, rows in (("train", 40), ("validation", 11), ("test", 23)):
        texts = [f"a {'fine' if row % 2 else 'poor'} {split} of {row}" for row in range(rows)]
        labels = [row % 2 for row in range(rows)]
        pd.DataFrame({"text": texts, "label": labels}).to_parquet(raw / f"{split}.parquet")
    block = {
        "kind": "labelled_text",
        "corpus": "reviews",
        "classes": ["negative", "positive"],
        "filler": {"lengths": LENGTHS, "words": ["a", "of"]},
        "tokenizer": {"kind": "ascii_word", "vocabulary": 200, "minimum_frequency": 1},
    }
    prepare(LabelledText.model_validate(block), raw, tmp_path / "out")
    return PreparedDataset.open(tmp_path / "out")


def forgetful(split: Split) -> np.ndarray:
    """Right, but for 30 words behind the text, where every third answer is wrong."""
    assert split.labels is not None
    filler = split.rows()["filler"].to_numpy()
    wrong = (filler == 30) & (np.arange(len(filler)) // len(LENGTHS) % 3 == 0)
    return np.eye(2, dtype=np.float32)[np.where(wrong, 1 - split.labels, split.labels)]


def test_accuracy_is_told_apart_by_filler_and_the_drop_is_a_score(dataset: PreparedDataset) -> None:
    tables = _tables(dataset, forgetful)
    found = tables["by_filler"]
    assert list(found) == ["split", "filler", "texts", "accuracy"]
    test = found[found["split"] == "test"]
    assert test["filler"].tolist() == LENGTHS
    assert test["texts"].tolist() == [23] * 3
    assert test["accuracy"].tolist() == pytest.approx([1, 1, 15 / 23])
    scores = tables["scores"].set_index(["split", "metric"])
    assert scores.loc[("test", "filler_drop"), "value"] == pytest.approx(8 / 23)
    assert scores.loc[("validation", "filler_drop"), "value"] == pytest.approx(4 / 11)
    signature = "accuracy with 0 less that with 30 words of filler"
    assert scores.loc[("test", "filler_drop"), "signature"] == signature
    predictions = tables["predictions"]
    own = predictions[predictions["split"] == "test"]
    assert own["filler"].tolist() == dataset.split("test").rows()["filler"].tolist()
    assert own["text"].tolist() == [row // 3 for row in range(69)]


def test_texts_not_rows_are_the_items_that_systems_are_compared_on(dataset: PreparedDataset) -> None:
    arms = {"rnn": _tables(dataset, forgetful), "nbsvm": evaluate_baseline("nbsvm", dataset)}
    merged = {
        name: pd.concat([tables[name].assign(variant=arm, seed=0) for arm, tables in arms.items()])
        for name in ("scores", "predictions")
    }
    found = paired(merged, dataset.description, "classification")
    assert found is not None
    found = found.set_index("metric")
    assert set(found.index) == {"accuracy", "filler_drop"}
    assert found["items"].tolist() == [23, 23]
    # Words and pairs of words are as telling with filler behind them.
    assert found.loc["filler_drop", "difference"] == pytest.approx(8 / 23)
    lost = np.array([row % 3 == 0 for row in range(23)])
    assert found.loc["filler_drop", "error"] == pytest.approx(lost.std(ddof=1) / 23**0.5)
    assert found.loc["accuracy", "difference"] == pytest.approx(-8 / 69)


def test_a_drop_is_the_first_length_less_the_last() -> None:
    right = np.array([[True, False, False], [True, True, True], [False, True, True], [True, True, False]])
    assert filler_drop(right, [0, 1, 2])["filler_drop"].value == pytest.approx(0.25)
