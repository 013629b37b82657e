"""Errors over test items, against numbers worked out apart."""

import numpy as np
import pandas as pd
import pytest

from pipeline.evaluation.paired import paired
from pipeline.metrics.translation import bleu

CLASSES = {"lowercase": True, "target": "en", "tests": ["test"]}


def scored(*metrics: str) -> pd.DataFrame:
    return pd.DataFrame({"metric": list(metrics)})


def classified(right: dict[str, list[bool]]) -> pd.DataFrame:
    rows = [
        {
            "variant": name,
            "seed": 0,
            "split": "test",
            "row": row,
            "label": 1,
            "probabilities": [1.0 - hit, float(hit)],
        }
        for name, hits in right.items()
        for row, hit in enumerate(hits)
    ]
    return pd.DataFrame(rows)


def test_the_error_is_that_of_the_mean_of_differences() -> None:
    right = {"a": [True, True, True, False] * 25, "b": [True, False, True, False] * 25}
    tables = {"predictions": classified(right), "scores": scored("accuracy")}
    (row,) = paired(tables, CLASSES, "classification").to_dict("records")
    apart = np.array([0, 1, 0, 0] * 25)
    assert (row["a"], row["b"], row["items"]) == ("a", "b", 100)
    assert row["difference"] == pytest.approx(0.25)
    assert row["error"] == pytest.approx(apart.std(ddof=1) / 10)


def test_systems_that_err_alike_differ_surely() -> None:
    """Each has a wide error of its own; compared item by item nothing is left to chance."""
    hits = [True, False] * 50
    tables = {"predictions": classified({"a": hits, "b": hits}), "scores": scored("accuracy")}
    (row,) = paired(tables, CLASSES, "classification").to_dict("records")
    assert (row["difference"], row["error"]) == (0.0, 0.0)


def test_bleu_is_sacrebleus_and_its_error_is_the_bootstraps() -> None:
    rng = np.random.default_rng(1)
    words = ["red", "blue", "cat", "dog", "runs", "sleeps", "here", "there"]
    references = [" ".join(rng.choice(words, 8)) for _ in range(200)]
    damaged = [" ".join(w if rng.random() < 0.8 else "noise" for w in line.split()) for line in references]
    rows = [
        {
            "variant": name,
            "seed": 0,
            "split": "test",
            "row": i,
            "hypothesis": text,
            "references": [references[i]],
        }
        for name, texts in (("a", references), ("b", damaged))
        for i, text in enumerate(texts)
    ]
    tables = {"predictions": pd.DataFrame(rows), "scores": scored("bleu")}
    (row,) = paired(tables, CLASSES, "translation").to_dict("records")
    truth = bleu(damaged, [[each] for each in references], lowercase=True).value
    assert row["difference"] == pytest.approx(100 - truth)
    assert 0.3 < row["error"] < 3


def test_overlapping_windows_are_resampled_in_blocks() -> None:
    """A series that wanders: its windows are worth far fewer independent ones."""
    steps = np.repeat(np.random.default_rng(0).normal(size=50), 20)
    rows = [
        {"variant": name, "seed": 0, "split": "test", "row": i, "mse_20": value, "mse_1": value}
        for name, values in (("a", steps), ("b", np.zeros(1000)))
        for i, value in enumerate(values)
    ]
    tables = {"windows": pd.DataFrame(rows), "scores": scored("mse_20", "mse_1")}
    found = paired(tables, CLASSES, "forecasting").set_index("metric")["error"]
    assert found["mse_20"] > 3 * found["mse_1"]
    assert found["mse_20"] == pytest.approx(steps[::20].std(ddof=1) / np.sqrt(50), rel=0.25)


def test_seeds_are_averaged_and_only_scored_metrics_kept() -> None:
    rows = [
        {"variant": name, "seed": seed, "split": "test", "row": row, "rating": 5, "stars": 5 + off}
        for name, offs in (("a", (1, 3)), ("b", (0, 0)))
        for seed, off in enumerate(offs)
        for row in range(10)
    ]
    tables = {"predictions": pd.DataFrame(rows), "scores": scored("mae", "kappa")}
    (row,) = paired(tables, CLASSES, "rating").to_dict("records")
    assert (row["metric"], row["difference"], row["error"]) == ("mae", 2.0, 0.0)


def test_a_task_without_items_has_no_table() -> None:
    assert paired({"scores": scored("perplexity")}, CLASSES, "language_modelling") is None


def test_headlines_are_compared_by_the_measure_of_their_dataset() -> None:
    references = ["a dog runs", "two men sit"]
    rows = [
        {
            "variant": name,
            "seed": 0,
            "split": "test",
            "row": i,
            "hypothesis": text,
            "references": [references[i]],
        }
        for name, texts in (("a", references), ("b", ["a dog sits", "nobody"]))
        for i, text in enumerate(texts)
    ]
    tables = {"predictions": pd.DataFrame(rows), "scores": scored("rouge_l", "rouge_1")}
    (row,) = paired(tables, CLASSES | {"measure": "rouge_l"}, "transduction").to_dict("records")
    # Two of three words are common in one, none in the other.
    assert row["metric"] == "rouge_l"
    assert row["difference"] == pytest.approx(100 - (200 / 3) / 2)


def test_windows_that_end_before_a_horizon_are_left_out() -> None:
    rows = [
        {"variant": name, "seed": 0, "split": "test", "row": i, "mse_1": value}
        for name, values in (("a", [1.0, 2.0, 3.0, float("nan")]), ("b", [0.0, 0.0, 0.0, float("nan")]))
        for i, value in enumerate(values)
    ]
    tables = {"windows": pd.DataFrame(rows), "scores": scored("mse_1")}
    (row,) = paired(tables, CLASSES, "forecasting").to_dict("records")
    assert row["difference"] == pytest.approx(2)
    assert row["error"] == pytest.approx(1 / np.sqrt(3))
