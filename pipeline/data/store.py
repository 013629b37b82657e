"""The token store: every column of every split as one flat, memory-mapped array of ids with row offsets."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.errors import UserError
from pipeline.files import read_json, sha256_of_folder
from pipeline.text.tokenizer import Tokenizer

Ids = npt.NDArray[np.uint16]
Index = npt.NDArray[np.int64]


def write_column(folder: Path, name: str, rows: Sequence[Sequence[int] | Ids]) -> None:
    """Writes token ids of n rows: `name.tokens.npy` (uint16, flat), `name.offsets.npy` (int64, n + 1)."""
    lengths = np.fromiter((len(row) for row in rows), dtype=np.int64, count=len(rows))
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    flat = np.empty(offsets[-1], dtype=np.uint16)
    for row, start, end in zip(rows, offsets[:-1], offsets[1:], strict=True):
        flat[start:end] = row
    np.save(folder / f"{name}.tokens.npy", flat)
    np.save(folder / f"{name}.offsets.npy", offsets)


class TokenColumn:
    """Token ids of one column of one split; rows are views of the mapped file."""

    def __init__(self, folder: Path, name: str) -> None:
        self._flat: Ids = np.load(folder / f"{name}.tokens.npy", mmap_mode="r")
        self._offsets: Index = np.load(folder / f"{name}.offsets.npy")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, row: int) -> Ids:
        return self._flat[self._offsets[row] : self._offsets[row + 1]]

    @property
    def lengths(self) -> Index:
        return np.diff(self._offsets)


@dataclass(frozen=True)
class Split:
    """One split: its token columns by name, and its labels where the data have them."""

    folder: Path
    columns: dict[str, TokenColumn]
    labels: Index | None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def rows(self) -> pd.DataFrame:
        """The raw text: columns text, label; or source, target, references."""
        return pd.read_parquet(self.folder / "rows.parquet")


class PreparedDataset:
    """What `prepare` wrote: token store, tokenizers, raw rows."""

    def __init__(self, folder: Path, description: dict[str, Any]) -> None:
        self.folder = folder
        self.description = description

    @classmethod
    def open(cls, folder: Path) -> "PreparedDataset":
        """Raises UserError where no prepared dataset lies."""
        if not (folder / "dataset.json").exists():
            raise UserError(f"{folder}: no prepared dataset; run `dvc repro prepare@{folder.name}`")
        return cls(folder, read_json(folder / "dataset.json"))

    @property
    def kind(self) -> str:
        return str(self.description["kind"])

    @property
    def classes(self) -> list[str] | None:
        """Names of labels 0, 1, …; None where there are no labels."""
        return self.description.get("classes")

    @property
    def columns(self) -> list[str]:
        """Names of the token columns."""
        return list(self.description["columns"])

    @property
    def splits(self) -> dict[str, int]:
        """Rows by split."""
        return dict(self.description["splits"])

    @property
    def vocabulary(self) -> dict[str, int]:
        """Number of types by column."""
        return dict(self.description["vocabulary"])

    def tokenizer(self, column: str) -> Tokenizer:
        return Tokenizer.from_json((self.folder / f"{column}.tokenizer.json").read_text(encoding="utf-8"))

    def split(self, name: str) -> Split:
        folder = self.folder / name
        labels = folder / "label.npy"
        columns = {column: TokenColumn(folder, column) for column in self.columns}
        return Split(folder, columns, np.load(labels) if labels.exists() else None)

    @functools.cached_property
    def digest(self) -> str:
        """Of every file: the same data give the same digest, wherever they came from."""
        return sha256_of_folder(self.folder)
