"""Prepared sequences of symbols and numbers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.data.store import Split, write_column

Numbers = npt.NDArray[np.float32]
TOKENS = ("symbols", "distances")
"""Columns of whole numbers; `distances` is 0 where nothing is asked."""
VALUES = ("numbers", "targets")
"""Columns of real numbers: what is read beside the symbols, and what is wanted."""


def write_values(folder: Path, name: str, rows: Sequence[Sequence[float]]) -> None:
    """Writes n rows as one flat float32 array; the symbols' offsets cut it."""
    np.save(folder / f"{name}.npy", np.concatenate([np.asarray(row, dtype=np.float32) for row in rows]))


def write_steps(folder: Path, columns: dict[str, Sequence[Sequence[float]]]) -> None:
    """Writes the four columns of a split."""
    for name in TOKENS:
        write_column(folder, name, [np.asarray(row, dtype=np.uint16) for row in columns[name]])
    for name in VALUES:
        write_values(folder, name, columns[name])


class Values:
    """A column of real numbers, by row."""

    def __init__(self, split: Split, name: str) -> None:
        self._flat: Numbers = np.load(split.folder / f"{name}.npy", mmap_mode="r")
        self._offsets = np.concatenate([[0], np.cumsum(split.columns["symbols"].lengths)])

    def __getitem__(self, row: int) -> Numbers:
        return self._flat[self._offsets[row] : self._offsets[row + 1]]
