"""Batches of sequences of symbols and numbers."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline.data.batches import RowBatches, pad, part_of
from pipeline.data.steps import TOKENS, VALUES, Numbers, Values
from pipeline.data.store import Index, Split


@dataclass
class StepsBatch:
    """symbols, distances: (B, S); numbers, targets: (B, S) float; lengths: (B,).

    `weight`: what to multiply this rank's summed loss with so that the ranks' average is the global mean
    over the steps that are asked.
    """

    symbols: Tensor
    numbers: Tensor
    lengths: Tensor
    targets: Tensor
    distances: Tensor
    rows: Tensor
    weight: float

    @property
    def asked(self) -> Tensor:
        """(B, S) bool."""
        return self.distances > 0


class StepsBatches(RowBatches[StepsBatch]):
    """Global row numbers -> this rank's part of the batch."""

    def __init__(self, split: Split, *, rank: int = 0, ranks: int = 1) -> None:
        self._symbols, self._distances = (split.columns[name] for name in TOKENS)
        self._numbers, self._targets = (Values(split, name) for name in VALUES)
        self._rank, self._ranks = rank, ranks

    @property
    def lengths(self) -> Index:
        """Steps of every row, (n,)."""
        return self._symbols.lengths

    def __getitem__(self, rows: Index) -> StepsBatch:
        mine, real = part_of(rows, self._rank, self._ranks)
        symbols, lengths = pad([self._symbols[row] for row in mine])
        distances, _ = pad([self._distances[row] for row in mine])
        numbers, targets = (
            _padded([column[row] for row in mine], symbols.shape[1])
            for column in (self._numbers, self._targets)
        )
        asked = sum(int(np.count_nonzero(self._distances[row])) for row in rows)
        weight = self._ranks / asked if real else 0.0
        return StepsBatch(symbols, numbers, lengths, targets, distances, torch.from_numpy(mine), weight)


def _padded(rows: list[Numbers], width: int) -> Tensor:
    padded = np.zeros((len(rows), width), dtype=np.float32)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = row
    return torch.from_numpy(padded)
