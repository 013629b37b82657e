"""What `prepare` asks of a kind of dataset."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import datasets
import numpy as np

from pipeline.data.store import Ids
from pipeline.errors import UserError
from pipeline.text.tokenizer import Tokenizer

CHUNK = 1000
"""Rows tokenised at a time: keeps memory flat."""
Splits = dict[str, datasets.Dataset]


class Kind(ABC):
    """How raw columns become token columns."""

    columns: tuple[str, ...]
    """Names of the token columns; the first one measures a row."""
    counted: tuple[str, ...]
    """Those that statistics describe."""

    @abstractmethod
    def needed(self) -> list[str]:
        """Splits of the corpus, training first."""

    @abstractmethod
    def select(self, split: str, rows: datasets.Dataset, path: Path) -> datasets.Dataset:
        """The columns that are kept, under our names.

        Raises:
            UserError: a column is missing or holds what it may not.
        """

    def arrange(self, splits: Splits) -> Splits:
        """The splits as they are used; called once, before all that follows, with every one of them."""
        return splits

    @abstractmethod
    def tokenizers(self, train: datasets.Dataset) -> dict[str, Tokenizer]:
        """By token column, learned from the training split."""

    def encode(
        self, tokenizers: Mapping[str, Tokenizer], rows: datasets.Dataset, column: str
    ) -> Iterator[Ids]:
        """Token ids of every row."""
        for chunk in rows.select_columns([column]).iter(batch_size=CHUNK):
            for ids in tokenizers[column].encode_batch(chunk[column]):
                yield np.array(ids, dtype=np.uint16)

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """What models and evaluation must know beyond the vocabulary's size."""

    def contents(self, rows: datasets.Dataset) -> list[str]:
        """What of each row makes two rows the same."""
        return list(rows[self.columns[0]])


def require(columns: list[str], rows: datasets.Dataset, path: Path) -> None:
    for column in columns:
        if column not in rows.column_names:
            raise UserError(f"{path}: has no column {column!r}; it has {', '.join(rows.column_names)}")


def texts_of(rows: datasets.Dataset, columns: list[str]) -> Iterator[Any]:
    """Cells of the columns, chunk by chunk."""
    for chunk in rows.select_columns(columns).iter(batch_size=CHUNK):
        for column in columns:
            yield from chunk[column]
