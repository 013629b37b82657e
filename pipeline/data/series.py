"""Prepared series: an array of each part, and windows of it.

A window is known by its first target hour. It reads the hours before it, which may lie in an earlier part,
and its targets end with its own part.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.data.store import Index, PreparedDataset
from pipeline.errors import UserError

PARTS = ("train", "validation", "test")
"""In order of time."""
Values = npt.NDArray[np.float32]


def write_part(folder: Path, values: Values) -> None:
    """Writes a part's scaled values, (hours, channels)."""
    folder.mkdir()
    np.save(folder / "values.npy", values)


@dataclass(frozen=True)
class Part:
    """A part of a series and all that came before it; what comes after can't be seen.

    `values`: (hours, channels), scaled by the training part's mean and standard deviation. `first`: where the
    part itself begins.
    """

    values: Values
    first: int

    @classmethod
    def read(cls, dataset: PreparedDataset, name: str) -> "Part":
        before = PARTS[: PARTS.index(name)]
        arrays = [np.load(dataset.folder / part / "values.npy") for part in (*before, name)]
        return cls(np.concatenate(arrays), sum(len(array) for array in arrays[:-1]))

    def windows(self, history: int, horizon: int) -> "Windows":
        """All windows of this part that have `history` hours before them.

        Raises:
            UserError: there are none.
        """
        first = max(self.first, history)
        if first >= len(self.values):
            raise UserError(
                f"{history} hours of history leave no window in {len(self.values)} hours; read less"
            )
        return Windows(self.values, first, history, horizon)


class Windows:
    """Overlapping windows of `history` hours and the `horizon` hours that follow, by number."""

    def __init__(self, values: Values, first: int, history: int, horizon: int) -> None:
        """`first`: the first target hour of window 0."""
        self.history, self.horizon, self.channels = history, horizon, values.shape[1]
        self.first, self._end = first, len(values)
        padded = np.concatenate([values, np.zeros((horizon, self.channels), dtype=values.dtype)])
        self._view = np.lib.stride_tricks.sliding_window_view(padded, history + horizon, axis=0)

    def __len__(self) -> int:
        return self._end - self.first

    def lengths(self, rows: Index) -> Index:
        """Real target hours of these windows, (n,): fewer than the horizon at the part's end."""
        return np.minimum(len(self) - rows, self.horizon)

    def __getitem__(self, rows: Index) -> tuple[Values, Values]:
        """Past (n, history, channels) and future (n, horizon, channels), which is 0 past the part's end."""
        both = self._view[rows + self.first - self.history].transpose(0, 2, 1)
        return both[:, : self.history], both[:, self.history :]
