"""Accuracy where more or less of a text is read than in training, and how its items are paired."""

import numpy as np
import pandas as pd
import pytest

from pipeline.evaluation import classification
from pipeline.evaluation.paired import paired
from pipeline.evaluation.predict.classes import classify_ids
from pipeline.evaluation.tables import all_ids, stacked


@pytest.fixture
def short_cuts(monkeypatch):
    """Of 11 tokens, which training read: 2 and 7."""
    monkeypatch.setattr(classification, "CUTS", (2 / 11, 7 / 11))
    monkeypatch.setattr(classification, "FEWEST", 1)


@pytest.mark.usefixtures("short_cuts")
def test_all_texts_that_are_long_enough_are_read_at_every_cut(prepared):
    bundle, dataset = prepared.bundle("mood", "gru"), prepared.dataset("mood")
    assert bundle.description["data"]["max_tokens"] == 11
    tables = classification.evaluate_bundle(bundle, dataset)
    split = dataset.split("test")
    texts = all_ids(split.columns["text"])
    long = np.array([len(text) >= 7 for text in texts])
    assert 0 < long.sum() < len(texts)
    scores = tables["scores"].set_index(["split", "metric"])["value"]
    predictions = tables["predictions"].set_index("split")
    for cut in (2, 7):
        right = classify_ids(bundle, texts, cut=cut).argmax(1) == split.labels
        found = predictions.loc["test", f"accuracy_{cut}"].to_numpy()
        np.testing.assert_array_equal(found, np.where(long, right, np.nan))
        assert scores["test", f"accuracy_{cut}"] == pytest.approx(right[long].mean())
        assert ("other", f"accuracy_{cut}") not in scores
        assert predictions.loc["other", f"accuracy_{cut}"].isna().all()


@pytest.mark.parametrize("fewest", [1, 10_000])
def test_no_cut_is_scored_on_too_few_texts(prepared, monkeypatch, fewest):
    monkeypatch.setattr(classification, "CUTS", (2 / 11,))
    monkeypatch.setattr(classification, "FEWEST", fewest)
    tables = classification.evaluate_bundle(prepared.bundle("mood", "gru"), prepared.dataset("mood"))
    assert ("accuracy_2" in set(tables["scores"]["metric"])) is (fewest == 1)


def answers(right, cut):
    """Predictions of one run on a test split and on another, where no text is long enough."""
    sure = [[0.0, 1.0] if each else [1.0, 0.0] for each in right]
    rows = {"split": "test", "row": range(len(right)), "label": 1, "probabilities": sure}
    other = {"split": "other", "row": range(2), "label": 1, "probabilities": [[0.0, 1.0]] * 2}
    return pd.concat([pd.DataFrame(rows).assign(**cut), pd.DataFrame(other)], ignore_index=True)


def test_systems_are_compared_over_the_texts_that_both_read_at_a_cut():
    nan = np.nan
    runs = {
        "a": answers([1, 1, 1, 0], {"accuracy_2": [nan, 1, 1, 0]}),
        "b": answers([1, 1, 0, 0], {"accuracy_2": [nan, 0, 1, 0]}),
        "without": answers([1, 0, 0, 0], {}),
    }
    metrics = pd.DataFrame({"metric": ["accuracy", "accuracy_2"]})
    parts = [
        {"predictions": frame.assign(variant=name, seed=0), "scores": metrics} for name, frame in runs.items()
    ]
    description = {"tests": ["test", "other"]}
    found = paired(stacked(parts), description, "classification").set_index(["split", "metric", "a", "b"])
    assert len(found) == 3 + 3 + 1
    row = found.loc["test", "accuracy_2", "a", "b"]
    apart = np.array([1.0, 0.0, 0.0])
    assert row["difference"] == pytest.approx(apart.mean())
    assert row["error"] == pytest.approx(apart.std(ddof=1) / np.sqrt(3))
