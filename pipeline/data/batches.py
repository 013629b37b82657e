"""Batches by token budget in length buckets, as a pure function of (seed, epoch, rank).

Nothing here keeps a random state: a run that resumes at epoch 7 sees the batches of an undisturbed run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from pipeline.data.store import Ids, Index, Split
from pipeline.text.tokenizer import BOS, EOS, PAD

POOL = 64
"""Batches' worth of rows that are sorted by length together: more sorts finer and mixes less."""


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


def plan(lengths: Index, *, budget: int, rng: np.random.Generator | None) -> list[Index]:
    """Cuts rows into batches with (rows x longest row) <= budget; a longer row stands alone.

    With `rng` rows are shuffled, sorted by length within pools of `POOL` batches, and the batches
    shuffled; without, rows are sorted by length (evaluation).
    """
    if rng is None:
        return _cut(np.argsort(lengths, kind="stable"), lengths, budget)
    order = rng.permutation(len(lengths))
    mean = max(float(lengths.mean()), 1.0)
    pool = max(int(POOL * budget / mean), 1)
    batches: list[Index] = []
    for start in range(0, len(order), pool):
        rows = order[start : start + pool]
        batches += _cut(rows[np.argsort(lengths[rows], kind="stable")], lengths, budget)
    return [batches[i] for i in rng.permutation(len(batches))]


def _cut(rows: Index, lengths: Index, budget: int) -> list[Index]:
    """Rows come sorted by length, so the newest is the longest of its batch."""
    batches, start = [], 0
    for i, row in enumerate(rows):
        if i > start and (i - start + 1) * lengths[row] > budget:
            batches.append(rows[start:i])
            start = i
    if start < len(rows):
        batches.append(rows[start:])
    return batches


class BucketSampler(Sampler[Index]):
    """Row numbers of one global batch after the other."""

    def __init__(self, lengths: Index, *, budget: int, seed: int | None = None, epoch: int = 0) -> None:
        rng = None if seed is None else np.random.default_rng([seed, epoch])
        self._batches = plan(lengths, budget=budget, rng=rng)

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Index]:
        return iter(self._batches)


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
        mine, real = _part(rows, self._rank, self._ranks)
        tokens, lengths = pad([shortened(self._texts[row], self._max_tokens, self._keep) for row in mine])
        share = len(mine) * self._ranks / len(rows) if real else 0.0
        return TextBatch(tokens, lengths, torch.from_numpy(self._labels[mine]), torch.from_numpy(mine), share)


class PairBatches(Dataset[PairBatch]):
    """Global row numbers -> this rank's part of the batch (sentence pairs)."""

    def __init__(self, split: Split, *, rank: int = 0, ranks: int = 1) -> None:
        self._source, self._target = split.columns["source"], split.columns["target"]
        self._rank, self._ranks = rank, ranks

    @property
    def lengths(self) -> Index:
        """Tokens of every row's longer side, BOS and EOS of the target counted, (n,)."""
        return np.maximum(self._source.lengths, self._target.lengths + 2)

    def __getitem__(self, rows: Index) -> PairBatch:
        mine, real = _part(rows, self._rank, self._ranks)
        source, source_lengths = pad([self._source[row] for row in mine])
        target, target_lengths = pad([enclosed(self._target[row]) for row in mine])
        total = float((self._target.lengths[rows] + 1).sum()) / self._ranks
        weight = 1 / total if real else 0.0
        return PairBatch(source, source_lengths, target, target_lengths, torch.from_numpy(mine), weight)


def _part(rows: Index, rank: int, ranks: int) -> tuple[Index, bool]:
    """This rank's rows; a rank without any gets the first one, to be counted with weight zero."""
    mine = rows[rank::ranks]
    return (mine, True) if len(mine) else (rows[:1], False)


def shortened(ids: Ids, max_tokens: int, keep: Literal["first", "last"]) -> Ids:
    """The first or last `max_tokens` ids."""
    return ids[:max_tokens] if keep == "first" else ids[-max_tokens:]


def enclosed(ids: Ids) -> Ids:
    """BOS, the ids, EOS."""
    return np.concatenate([[BOS], ids, [EOS]]).astype(np.uint16)


def pad(rows: list[Ids]) -> tuple[Tensor, Tensor]:
    """Rows of unequal length -> (B, longest) int64, PAD behind, and their lengths (B,), at least 1.

    An empty row counts as one PAD token, so that every row has a last state.
    """
    lengths = np.array([max(len(row), 1) for row in rows], dtype=np.int64)
    padded = np.full((len(rows), lengths.max()), PAD, dtype=np.int64)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = row
    return torch.from_numpy(padded), torch.from_numpy(lengths)
