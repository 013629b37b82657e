"""Batches of labelled texts."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from pipeline.data.batches import pad, part_of, shortened
from pipeline.data.store import Index, Split


@dataclass
class TextBatch:
    """Padded texts. tokens: (B, S) int64; lengths: (B,); labels: (B,); rows: (B,) places in the split.

    `share`: what to multiply this rank's mean loss with so that the ranks' average is the global mean.
    """

    tokens: Tensor
    lengths: Tensor
    labels: Tensor
    rows: Tensor
    share: float = 1.0


class TextBatches(Dataset[TextBatch]):
    """Global row numbers -> this rank's part of the batch (labelled texts)."""

    def __init__(
        self, split: Split, *, max_tokens: int, keep: Literal["first", "last"], rank: int = 0, ranks: int = 1
    ) -> None:
        assert split.labels is not None
        self._texts, self._labels = split.columns["text"], split.labels
        self._max_tokens, self._keep, self._rank, self._ranks = max_tokens, keep, rank, ranks

    @property
    def lengths(self) -> Index:
        """Tokens of every row after cutting, (n,)."""
        return np.clip(self._texts.lengths, 1, self._max_tokens)

    def __getitem__(self, rows: Index) -> TextBatch:
        mine, real = part_of(rows, self._rank, self._ranks)
        tokens, lengths = pad([shortened(self._texts[row], self._max_tokens, self._keep) for row in mine])
        share = len(mine) * self._ranks / len(rows) if real else 0.0
        return TextBatch(tokens, lengths, torch.from_numpy(self._labels[mine]), torch.from_numpy(mine), share)
