"""Two processes, really launched, compute what one computes."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from pipeline.training import scheduler, store

NO_DROPOUT = {
    "classification": {"dropout": 0.0, "word_dropout": 0.0},
    "translation": {"dropout": 0.0},
    "tagging": {"dropout": 0.0, "word_dropout": 0.0},
}

READING = {
    "split": "train",
    "epochs": 1,
    "tokens": 150,
    "batch_tokens": 21,
    "window": 7,
    "learning_rate": 0.01,
}
READS_FIRST: dict[str, dict[str, Any]] = {
    "model": {"layers": 1, "bidirectional": False},
    "training": {"epochs": 2},
    "data": {"reading": READING, "few": {"labels": 30, "passes": 2}},
}


@pytest.mark.parametrize("task", [*NO_DROPOUT, "reading_first"])
def test_two_processes_compute_what_one_computes(
    lab: Any, root: Path, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    """In double precision, on texts of unequal length, in batches of odd numbers of rows, some of one row."""
    monkeypatch.chdir(root)
    more, module = ({}, None) if task in NO_DROPOUT else (READS_FIRST, "pipeline.tasks.reading_first")
    task = task if task in NO_DROPOUT else "classification"
    common = {
        "model": NO_DROPOUT[task] | more.get("model", {}),
        "training": {"precision": "64-true", "epochs": 1} | more.get("training", {}),
        "data": {"batch_tokens": 13} | more.get("data", {}),
        "module": module,
    }
    one = lab.spec(task, **common)
    two = lab.spec(task, **common, trainer={"devices": 2, "strategy": "ddp"})
    for spec in (one, two):
        scheduler.train([spec], workers=1)
    weights, expected = (
        load_file(store.folder_of(spec) / "bundle" / "weights.safetensors") for spec in (two, one)
    )
    assert weights.keys() == expected.keys()
    for name, value in expected.items():
        assert value.dtype == np.float64
        np.testing.assert_allclose(weights[name], value, rtol=1e-9, atol=1e-12)
    curves, expected_curves = (pd.read_csv(store.folder_of(spec) / "curves.csv") for spec in (two, one))
    assert curves[["step", "epoch", "metric"]].equals(expected_curves[["step", "epoch", "metric"]])
    np.testing.assert_allclose(curves["value"], expected_curves["value"], rtol=1e-6)
    assert lab.run(two)["best_epoch"] == lab.run(one)["best_epoch"]
