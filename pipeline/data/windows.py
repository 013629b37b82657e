"""Batches of windows of a series."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline.data.batches import RowBatches, part_of
from pipeline.data.series import Windows
from pipeline.data.store import Index


@dataclass
class WindowBatch:
    """past: (B, S, C); future: (B, T, C), 0 past the part's end; lengths: (B,) real hours of the future.

    `weight`: what to multiply this rank's summed loss with so that the ranks' average is the global mean
    over real values.
    """

    past: Tensor
    future: Tensor
    lengths: Tensor
    rows: Tensor
    weight: float


class WindowBatches(RowBatches[WindowBatch]):
    """Global window numbers -> this rank's part of the batch."""

    def __init__(self, windows: Windows, *, rank: int = 0, ranks: int = 1) -> None:
        self._windows, self._rank, self._ranks = windows, rank, ranks

    @property
    def lengths(self) -> Index:
        """Hours that are read of every window, (n,)."""
        return np.full(len(self._windows), self._windows.history)

    def __getitem__(self, rows: Index) -> WindowBatch:
        mine, real = part_of(rows, self._rank, self._ranks)
        past, future = (torch.tensor(each) for each in self._windows[mine])
        total = float(self._windows.lengths(rows).sum() * self._windows.channels) / self._ranks
        lengths = torch.from_numpy(self._windows.lengths(mine))
        return WindowBatch(past, future, lengths, torch.from_numpy(mine), 1 / total if real else 0.0)
