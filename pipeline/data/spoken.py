"""Batches of speech and its words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline.data.batches import RowBatches, pad, part_of
from pipeline.data.speech import Speech
from pipeline.data.store import Index
from pipeline.sounds import Frames
from pipeline.text.tokenizer import BOS, EOS


@dataclass
class SpeechBatch:
    """frames: (B, S, features) float; target: (B, T), BOS first and EOS last, both counted in target_lengths.

    `weight`: what to multiply this rank's summed loss with so that the ranks' average is the global mean
    over predicted words.
    """

    frames: Tensor
    frame_lengths: Tensor
    target: Tensor
    target_lengths: Tensor
    rows: Tensor
    weight: float


class SpeechBatches(RowBatches[SpeechBatch]):
    """Global row numbers -> this rank's part of the batch."""

    def __init__(self, speech: Speech, *, rank: int = 0, ranks: int = 1) -> None:
        self._speech, self._rank, self._ranks = speech, rank, ranks
        self._lengths = speech.lengths

    @property
    def lengths(self) -> Index:
        """Steps of every row, (n,)."""
        return self._lengths

    def __getitem__(self, rows: Index) -> SpeechBatch:
        mine, real = part_of(rows, self._rank, self._ranks)
        words = self._speech.transcripts
        frames, frame_lengths = padded([self._speech[row] for row in mine])
        target, target_lengths = pad(
            [np.concatenate([[BOS], words[row], [EOS]]).astype(np.uint16) for row in mine]
        )
        total = float((words.lengths[rows] + 1).sum()) / self._ranks
        weight = 1 / total if real else 0.0
        return SpeechBatch(frames, frame_lengths, target, target_lengths, torch.from_numpy(mine), weight)


def padded(rows: Sequence[Frames]) -> tuple[Tensor, Tensor]:
    """Rows (steps, features) of unequal length -> (B, longest, features), 0 behind, and lengths (B,)."""
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    filled = np.zeros((len(rows), lengths.max(), rows[0].shape[1]), dtype=np.float32)
    for place, row in enumerate(rows):
        filled[place, : len(row)] = row
    return torch.from_numpy(filled), torch.from_numpy(lengths)
