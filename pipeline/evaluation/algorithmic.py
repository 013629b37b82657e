"""Answers -> the tables of one recaller."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.step_batches import StepsBatch, StepsBatches
from pipeline.data.store import PreparedDataset
from pipeline.evaluation.predict.steps import BATCH_STEPS, answer_batches
from pipeline.evaluation.tables import Tables, score_rows, stacked, test_splits_first
from pipeline.metrics.algorithmic import by_distance, scores

Numbers = npt.NDArray[np.float64]
Answer = Callable[[Sequence[StepsBatch]], list[Numbers]]
"""Batches -> of each the answers where it asks, row by row."""


def evaluate_bundle(bundle: Bundle, dataset: PreparedDataset) -> Tables:
    """Scores, scores by distance and all answers, on every test split and on validation."""
    return _tables(dataset, lambda batches: answer_batches(bundle, batches))


def evaluate_baseline(name: str, dataset: PreparedDataset) -> Tables:
    """As `evaluate_bundle`, of the answer that is right most often, or nearest to all, in training."""
    if name != "chance":
        raise ValueError(f"no baseline {name!r}")
    wanted = np.concatenate([batch.targets[batch.asked].numpy() for batch in _all(dataset, "train")])
    if dataset.description["wanted"] == "symbols":
        values, counts = np.unique(wanted, return_counts=True)
        guess = float(values[counts.argmax()])
    else:
        guess = float(wanted.mean())
    return _tables(dataset, lambda batches: [np.full(int(batch.asked.sum()), guess) for batch in batches])


def _tables(dataset: PreparedDataset, answer: Answer) -> Tables:
    parts = [_split_tables(dataset, name, answer) for name in test_splits_first(dataset)]
    return stacked(parts)


def _split_tables(dataset: PreparedDataset, name: str, answer: Answer) -> Tables:
    wanted = dataset.description["wanted"]
    batches = _all(dataset, name)
    answers = np.concatenate(answer(batches))
    targets, distances = (
        np.concatenate([getattr(batch, column)[batch.asked].numpy() for batch in batches])
        for column in ("targets", "distances")
    )
    targets = targets.astype(np.float64)
    rows = np.concatenate([batch.rows.repeat_interleave(batch.asked.sum(1)).numpy() for batch in batches])
    columns = {"row": rows, "distance": distances, "target": targets, "answer": answers}
    predictions = pd.DataFrame({"split": name, **columns})
    return {
        "scores": score_rows(name, scores(answers, targets, wanted)),
        "predictions": predictions.sort_values("row", kind="stable"),
        "by_distance": by_distance(answers, targets, distances, wanted).assign(split=name),
    }


def _all(dataset: PreparedDataset, name: str) -> list[StepsBatch]:
    """A split's batches."""
    batches = StepsBatches(dataset.split(name))
    return [batches[rows] for rows in batches.order(budget=BATCH_STEPS)]
