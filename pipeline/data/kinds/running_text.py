"""Rows of one column as a running text."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import datasets
import numpy as np

from pipeline.config.schema.datasets import RunningText
from pipeline.data.kinds.base import Kind, Splits, learned, require, texts_of
from pipeline.data.kinds.held_out import held_out
from pipeline.data.store import Ids
from pipeline.errors import UserError
from pipeline.text.spaced import train_spaced
from pipeline.text.tokenizer import EOS, Tokenizer


class RunningTextKind(Kind):
    columns = counted = ("text",)

    def __init__(self, dataset: RunningText) -> None:
        self._dataset = dataset

    def needed(self) -> list[str]:
        if self._dataset.pool:
            return [self._dataset.pool.split]
        return ["train", "validation", *self._dataset.tests]

    def select(self, split: str, rows: datasets.Dataset, path: Path) -> datasets.Dataset:
        require([self._dataset.column], rows, path)
        rows = rows.select_columns([self._dataset.column])
        return rows if self._dataset.column == "text" else rows.rename_column(self._dataset.column, "text")

    def arrange(self, splits: Splits) -> Splits:
        """Draws what the corpus lacks from its one split, as runs of neighbours; each part keeps its order.

        Of training the first `train_rows` stay.

        Raises:
            UserError: validation and test leave no row for training, or `train_rows` are more than it has.
        """
        splits, wanted = self._drawn(splits), self._dataset.train_rows
        if wanted is None:
            return splits
        train = splits["train"]
        if wanted > len(train):
            raise UserError(
                f"train_rows {wanted:,}: training has {len(train):,} rows; lower it, or leave it out"
            )
        return splits | {"train": train.select(range(wanted))}

    def _drawn(self, splits: Splits) -> Splits:
        pool = self._dataset.pool
        if not pool:
            return splits
        rows = splits[pool.split]
        if len(rows) <= pool.validation + pool.test:
            raise UserError(
                f"pool {pool.split}: has {len(rows):,} rows, of which validation and test take "
                f"{pool.validation + pool.test:,}; lower them"
            )
        rest, test = _parted(rows, pool.test)
        train, validation = _parted(rest, pool.validation)
        return {"train": train, "validation": validation, "test": test}

    def tokenizers(self, train: datasets.Dataset) -> dict[str, Tokenizer]:
        settings = self._dataset.tokenizer.model_dump()
        if settings.pop("kind") == "spaces":
            return {"text": train_spaced(texts_of(train, ["text"]), **settings)}
        return {"text": learned(train, ["text"], self._dataset.tokenizer)}

    def encode(
        self, tokenizers: Mapping[str, Tokenizer], rows: datasets.Dataset, column: str
    ) -> Iterator[Ids]:
        """Each row's tokens and the end of its line."""
        for ids in super().encode(tokenizers, rows, column):
            yield np.append(ids, np.uint16(EOS))

    def facts(self) -> dict[str, Any]:
        return {"lowercase": self._dataset.tokenizer.lowercase}


def _parted(rows: datasets.Dataset, count: int) -> tuple[datasets.Dataset, datasets.Dataset]:
    """The rows without those held out, and these."""
    held = held_out(rows["text"], np.zeros(len(rows), dtype=np.int64), count)
    return rows.select(np.flatnonzero(~held)), rows.select(np.flatnonzero(held))
