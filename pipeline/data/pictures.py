"""Prepared pictures: one memory-mapped array of pixels beside the token store of their captions."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.data.store import Ids, Index, PreparedDataset, TokenColumn, write_column
from pipeline.images import Pixels

CAPTION = "caption"
"""Name of the token column."""


def write_split(folder: Path, images: Pixels, captions: Sequence[Sequence[Ids]]) -> None:
    """Writes n pictures (n, side, side, 3) and the token ids of each one's captions."""
    np.save(folder / "images.npy", images)
    write_column(folder, CAPTION, [ids for own in captions for ids in own])
    np.save(folder / "captions.npy", np.cumsum([0, *(len(own) for own in captions)], dtype=np.int64))


@dataclass(frozen=True)
class Pictures:
    """A split. `images`: (n, side, side, 3); `first`: (n + 1,) where each picture's captions begin."""

    images: Pixels
    captions: TokenColumn
    first: Index

    @classmethod
    def read(cls, dataset: PreparedDataset, name: str) -> "Pictures":
        folder = dataset.folder / name
        images = np.load(folder / "images.npy", mmap_mode="r")
        return cls(images, TokenColumn(folder, CAPTION), np.load(folder / "captions.npy"))

    def __len__(self) -> int:
        return len(self.images)

    def of(self, row: int) -> Index:
        """Numbers of a picture's captions."""
        return np.arange(self.first[row], self.first[row + 1])
