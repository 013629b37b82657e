"""One text column and a label."""

from pathlib import Path
from typing import Any

import datasets
import numpy as np
import numpy.typing as npt

from pipeline.config.schema.datasets import LabelledText
from pipeline.data.kinds.base import Kind, Splits, learned, require
from pipeline.data.kinds.by_length import of_length
from pipeline.data.kinds.filler import filled, shares, without
from pipeline.data.kinds.held_out import held_out, set_apart
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
        """Chooses texts by length, if only such are wanted; holds validation out where the corpus has none;
        filler comes last, behind the texts of each split."""
        dataset = self._dataset
        if dataset.shortest is not None or dataset.longest is not None:
            splits, self._chosen["chosen"] = of_length(splits, dataset.shortest, dataset.longest)
        if dataset.hold_out:
            train = splits["train"]
            held = held_out(train["text"], np.asarray(train["label"]), dataset.hold_out)
            splits = set_apart(splits, held)
        return filled(splits, dataset.filler) if dataset.filler else splits

    def tokenizers(self, train: datasets.Dataset) -> dict[str, Tokenizer]:
        """Of the texts alone: filler would make its words the most frequent ones."""
        settings, filler = self._dataset.tokenizer, self._dataset.filler
        if settings.kind != "ascii_word":
            return {"text": learned(train, ["text"], settings)}
        tokenizer = train_ascii_words(
            self.contents(train), vocabulary=settings.vocabulary, minimum_frequency=settings.minimum_frequency
        )
        if filler:
            self._chosen["filler"] = {"lengths": filler.lengths, "shares": shares(filler, train, tokenizer)}
        return {"text": tokenizer}

    def contents(self, rows: datasets.Dataset) -> list[str]:
        return without(rows) if self._dataset.filler else super().contents(rows)

    def facts(self) -> dict[str, Any]:
        """`filler`: lengths, where texts have some behind them."""
        facts = {"classes": self._dataset.classes, "lowercase": self._dataset.tokenizer.lowercase}
        filler = self._dataset.filler
        return facts | {"filler": filler.lengths} if filler else facts

    def write(self, raw: Path, folder: Path) -> dict[str, Any]:
        """As all kinds do; `chosen`: see `of_length`; `filler`: see `shares`."""
        return super().write(raw, folder) | self._chosen


def _check_labels(labels: Labels, classes: int, path: Path) -> None:
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        raise UserError(
            f"{path}, row {wrong[0] + 1}: label {labels[wrong[0]]}; "
            f"`classes` of the dataset names 0 to {classes - 1}; mend it or the corpus"
        )
