"""One text column and a label."""

from pathlib import Path
from typing import Any

import datasets
import numpy as np
import numpy.typing as npt

from pipeline.config.schema.datasets import LabelledText
from pipeline.data.kinds.base import Kind, Splits, learned, require
from pipeline.data.kinds.held_out import held_out, set_apart
from pipeline.data.kinds.long_texts import only_long
from pipeline.errors import UserError
from pipeline.text.ascii_words import train_ascii_words
from pipeline.text.tokenizer import Tokenizer

Labels = npt.NDArray[np.int64]


class LabelledTextKind(Kind):
    columns = counted = ("text",)

    def __init__(self, dataset: LabelledText) -> None:
        self._dataset = dataset
        self._chosen: dict[str, Any] = {}

    def needed(self) -> list[str]:
        validation = [] if self._dataset.hold_out else ["validation"]
        return ["train", *validation, *self._dataset.tests, *self._dataset.unlabelled]

    def select(self, split: str, rows: datasets.Dataset, path: Path) -> datasets.Dataset:
        require(["text", "label"], rows, path)
        if split not in self._dataset.unlabelled:
            _check_labels(np.asarray(rows["label"]), len(self._dataset.classes), path)
        return rows.select_columns(["text", "label"])

    def arrange(self, splits: Splits) -> Splits:
        """Chooses long texts, if only these are wanted; holds validation out where the corpus has none."""
        if self._dataset.shortest is not None:
            splits, self._chosen["chosen"] = only_long(splits, self._dataset.shortest)
        if not self._dataset.hold_out:
            return splits
        train = splits["train"]
        return set_apart(splits, held_out(train["text"], np.asarray(train["label"]), self._dataset.hold_out))

    def tokenizers(self, train: datasets.Dataset) -> dict[str, Tokenizer]:
        settings = self._dataset.tokenizer
        if settings.kind != "ascii_word":
            return {"text": learned(train, ["text"], settings)}
        size, minimum = settings.vocabulary, settings.minimum_frequency
        return {"text": train_ascii_words(train["text"], vocabulary=size, minimum_frequency=minimum)}

    def facts(self) -> dict[str, Any]:
        return {"classes": self._dataset.classes, "lowercase": self._dataset.tokenizer.lowercase}

    def write(self, raw: Path, folder: Path) -> dict[str, Any]:
        """As all kinds do; `chosen`: see `only_long`."""
        return super().write(raw, folder) | self._chosen


def _check_labels(labels: Labels, classes: int, path: Path) -> None:
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        raise UserError(
            f"{path}, row {wrong[0] + 1}: label {labels[wrong[0]]}; "
            f"`classes` of the dataset names 0 to {classes - 1}; mend it or the corpus"
        )
