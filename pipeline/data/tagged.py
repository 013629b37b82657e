"""Batches of tagged sentences."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline.data.batches import RowBatches, pad, part_of
from pipeline.data.store import Ids, Index, Split
from pipeline.text.tokenizer import PAD


@dataclass
class TaggedBatch:
    """Padded sentences. words, tags: (B, S); characters: (B, S, C), PAD behind each word; lengths: (B,).

    `weight`: what to multiply this rank's summed loss with so that the ranks' average is the global mean
    over words.
    """

    words: Tensor
    characters: Tensor
    lengths: Tensor
    tags: Tensor
    rows: Tensor
    weight: float


class TaggedBatches(RowBatches[TaggedBatch]):
    """Global row numbers -> this rank's part of the batch."""

    def __init__(self, split: Split, *, rank: int = 0, ranks: int = 1) -> None:
        self._words, self._tags = split.columns["words"], split.columns["tags"]
        self._characters = split.columns["characters"]
        self._rank, self._ranks = rank, ranks

    @property
    def lengths(self) -> Index:
        """Words of every row, (n,)."""
        return self._words.lengths

    def __getitem__(self, rows: Index) -> TaggedBatch:
        mine, real = part_of(rows, self._rank, self._ranks)
        words, lengths = pad([self._words[row] for row in mine])
        tags, _ = pad([self._tags[row] for row in mine])
        characters = padded_spelling([self._characters[row] for row in mine], lengths)
        total = float(self.lengths[rows].sum()) / self._ranks
        weight = 1 / total if real else 0.0
        return TaggedBatch(words, characters, lengths, tags, torch.from_numpy(mine), weight)


def padded_spelling(rows: list[Ids], lengths: Tensor) -> Tensor:
    """Flat spellings of sentences of `lengths` words -> (B, S, C) int64."""
    width = len(rows[0]) // int(lengths[0])
    padded = np.full((len(rows), int(lengths.max()), width), PAD, dtype=np.int64)
    for i, row in enumerate(rows):
        padded[i, : int(lengths[i])] = row.reshape(-1, width)
    return torch.from_numpy(padded)
