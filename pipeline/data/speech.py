"""Prepared speech: the frames of every recording once, memory-mapped, and rows of recordings joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.data.store import Ids, Index, PreparedDataset, TokenColumn, write_column
from pipeline.sounds import Frames

TRANSCRIPT = "transcript"
"""Name of the token column."""
RECORDINGS = "recordings"
"""Numbers of the split's recordings that make up each row."""


def write_split(
    folder: Path, frames: Sequence[Frames], rows: Sequence[Sequence[int]], transcripts: Sequence[Ids]
) -> None:
    """Writes the frames of n recordings, (steps, features) each, and the rows that are made of them.

    Numbers of 16 bits: their rounding is a thousandth of what one frame differs from the next.
    """
    np.save(folder / "frames.npy", np.concatenate(frames).astype(np.float16))
    np.save(folder / "first.npy", np.cumsum([0, *map(len, frames)], dtype=np.int64))
    write_column(folder, RECORDINGS, rows)
    write_column(folder, TRANSCRIPT, transcripts)


@dataclass(frozen=True)
class Speech:
    """A split. `frames`: (all steps, features) of its recordings; `first`: where each begins, one more than
    there are recordings; `recordings`: of each row."""

    frames: npt.NDArray[np.float16]
    first: Index
    recordings: TokenColumn
    transcripts: TokenColumn

    @classmethod
    def read(cls, dataset: PreparedDataset, name: str) -> "Speech":
        folder = dataset.folder / name
        return cls(
            np.load(folder / "frames.npy", mmap_mode="r"),
            np.load(folder / "first.npy"),
            TokenColumn(folder, RECORDINGS),
            TokenColumn(folder, TRANSCRIPT),
        )

    def __len__(self) -> int:
        return len(self.recordings)

    def __getitem__(self, row: int) -> Frames:
        """The row's frames, (steps, features)."""
        return np.concatenate([self.recording(number) for number in self.recordings[row]])

    def recording(self, number: int) -> Frames:
        frames: Frames = self.frames[self.first[number] : self.first[number + 1]].astype(np.float32)
        return frames

    @property
    def lengths(self) -> Index:
        """Steps of every row, (n,)."""
        steps = np.diff(self.first)
        return np.array([steps[self.recordings[row]].sum() for row in range(len(self))], dtype=np.int64)
