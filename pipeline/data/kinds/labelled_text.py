"""One text column and a label."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import numpy.typing as npt

from pipeline.config.schema.datasets import LabelledText
from pipeline.data.kinds.base import Kind, Splits, require, texts_of
from pipeline.errors import UserError
from pipeline.text.tokenizer import Tokenizer

Labels = npt.NDArray[np.int64]
RUNS = 20
"""Places of the training split that held-out rows come from."""


class LabelledTextKind(Kind):
    columns = counted = ("text",)

    def __init__(self, dataset: LabelledText) -> None:
        self._dataset = dataset

    def needed(self) -> list[str]:
        validation = [] if self._dataset.hold_out else ["validation"]
        return ["train", *validation, *self._dataset.tests, *self._dataset.unlabelled]

    def select(self, split: str, rows: datasets.Dataset, path: Path) -> datasets.Dataset:
        require(["text", "label"], rows, path)
        if split not in self._dataset.unlabelled:
            _check_labels(np.asarray(rows["label"]), len(self._dataset.classes), path)
        return rows.select_columns(["text", "label"])

    def arrange(self, splits: Splits) -> Splits:
        """Holds a validation split out where the corpus has none."""
        if not self._dataset.hold_out:
            return splits
        train = splits.pop("train")
        held = held_out(list(train["text"]), np.asarray(train["label"]), self._dataset.hold_out)
        return {
            "train": train.select(np.flatnonzero(~held)),
            "validation": train.select(np.flatnonzero(held)),
            **splits,
        }

    def tokenizers(self, train: datasets.Dataset) -> dict[str, Tokenizer]:
        settings = self._dataset.tokenizer.model_dump()
        return {"text": Tokenizer.train(texts_of(train, ["text"]), **settings)}

    def facts(self) -> dict[str, Any]:
        return {"classes": self._dataset.classes, "lowercase": self._dataset.tokenizer.lowercase}


def _check_labels(labels: Labels, classes: int, path: Path) -> None:
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        raise UserError(
            f"{path}, row {wrong[0] + 1}: label {labels[wrong[0]]}; "
            f"`classes` of the dataset names 0 to {classes - 1}; mend it or the corpus"
        )


def held_out(texts: Sequence[str], labels: Labels, count: int) -> npt.NDArray[np.bool_]:
    """Chooses about `count` rows, of every class its share, as runs of neighbours; equal texts go together.

    Neighbours in a corpus often belong together: IMDB's reviews of one film stand side by side. With some of
    them in training, validation would flatter.
    """
    run = max(1, count // RUNS)
    chosen: set[str] = set()
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        runs = [rows[start : start + run] for start in range(0, len(rows), run)]
        runs.sort(key=lambda run: hashlib.sha256(texts[run[0]].encode()).digest())
        wanted = min(round(count * len(rows) / len(labels)), len(rows) - 1)
        for row in np.concatenate(runs)[:wanted]:
            chosen.add(texts[row])
    return np.array([text in chosen for text in texts])
