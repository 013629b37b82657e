"""Batches of sentence pairs."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline.data.batches import RowBatches, pad, part_of
from pipeline.data.store import Ids, Index, Split
from pipeline.text.tokenizer import BOS, EOS


@dataclass
class PairBatch:
    """Padded pairs. source: (B, S); target: (B, T), BOS first and EOS last, both counted in target_lengths.

    `weight`: what to multiply this rank's summed loss with so that the ranks' average is the global mean
    over predicted tokens.
    """

    source: Tensor
    source_lengths: Tensor
    target: Tensor
    target_lengths: Tensor
    rows: Tensor
    weight: float


class PairBatches(RowBatches[PairBatch]):
    """Global row numbers -> this rank's part of the batch (sentence pairs)."""

    def __init__(self, split: Split, *, rank: int = 0, ranks: int = 1) -> None:
        self._source, self._target = split.columns["source"], split.columns["target"]
        self._rank, self._ranks = rank, ranks

    @property
    def lengths(self) -> Index:
        """Tokens of every row's longer side, BOS and EOS of the target counted, (n,)."""
        return np.maximum(self._source.lengths, self._target.lengths + 2)

    def __getitem__(self, rows: Index) -> PairBatch:
        mine, real = part_of(rows, self._rank, self._ranks)
        source, source_lengths = pad([self._source[row] for row in mine])
        target, target_lengths = pad([enclosed(self._target[row]) for row in mine])
        total = float((self._target.lengths[rows] + 1).sum()) / self._ranks
        weight = 1 / total if real else 0.0
        return PairBatch(source, source_lengths, target, target_lengths, torch.from_numpy(mine), weight)


def enclosed(ids: Ids) -> Ids:
    """BOS, the ids, EOS."""
    return np.concatenate([[BOS], ids, [EOS]]).astype(np.uint16)
