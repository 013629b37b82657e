"""What `prepare` asks of a kind of dataset."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import numpy.typing as npt

from pipeline.data.store import Ids
from pipeline.errors import UserError
from pipeline.text.tokenizer import Tokenizer

CHUNK = 1000
"""Rows tokenised at a time: keeps memory flat."""
Splits = dict[str, datasets.Dataset]


class Kind:
    """How raw columns become token columns."""

    columns: tuple[str, ...]
    """Names of the token columns; the first one measures a row."""
    counted: tuple[str, ...]
    """Those that statistics describe."""

    def needed(self) -> list[str]:
        """Splits of the corpus, training first."""
        raise NotImplementedError

    def select(self, split: str, rows: datasets.Dataset, path: Path) -> datasets.Dataset:
        """The columns that are kept, under our names.

        Raises:
            UserError: a column is missing or holds what it may not.
        """
        raise NotImplementedError

    def hold_out(self, splits: Splits) -> Splits:
        """The same with a validation split, where the corpus has none."""
        return splits

    def tokenizers(self, train: datasets.Dataset) -> dict[str, Tokenizer]:
        """By token column, learned from the training split."""
        raise NotImplementedError

    def encode(
        self, tokenizers: Mapping[str, Tokenizer], rows: datasets.Dataset, column: str
    ) -> Iterator[Ids]:
        """Token ids of every row."""
        for chunk in rows.select_columns([column]).iter(batch_size=CHUNK):
            for ids in tokenizers[column].encode_batch(chunk[column]):
                yield np.array(ids, dtype=np.uint16)

    def facts(self, splits: Splits) -> dict[str, Any]:
        """What models and evaluation must know beyond the vocabulary's size."""
        raise NotImplementedError

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


Labels = npt.NDArray[np.int64]
