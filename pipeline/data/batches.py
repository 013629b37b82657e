"""Batches by token budget in length buckets, as a pure function of (seed, epoch, rank).

Nothing here keeps a random state: a run that resumes at epoch 7 sees the batches of an undisturbed run.
"""

from typing import Literal, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from pipeline.data.store import Ids, Index
from pipeline.errors import UserError
from pipeline.text.tokenizer import PAD

B = TypeVar("B", covariant=True)

POOL = 64
"""Batches' worth of rows that are sorted by length together: more sorts finer and mixes less."""


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


class RowBatches(Dataset[B]):
    """Row numbers of a global batch -> this rank's part of it. What a task's `batches` returns."""

    @property
    def lengths(self) -> Index:
        """What every row counts of a batch's budget, (n,)."""
        raise NotImplementedError

    def order(
        self, *, budget: int, longest: int | None = None, seed: int | None = None, epoch: int = 0
    ) -> list[Index]:
        """An epoch's global batches: of rows of about equal length, unless a subclass has another order.

        Training gives all arguments and asks anew each epoch; evaluation gives the budget alone. The order
        must be a function of the arguments, so that a run resumed at an epoch reads what an undisturbed one
        reads. A task whose state goes from batch to batch begins anew at an epoch's first.

        Raises:
            UserError: every row is longer than `longest`.
        """
        lengths = self.lengths
        rows = np.arange(len(lengths)) if longest is None else np.flatnonzero(lengths <= longest)
        if not len(rows):
            raise UserError(
                f"data.max_tokens: {longest} leaves no training row; the shortest has {lengths.min()} tokens"
            )
        rng = None if seed is None else np.random.default_rng([seed, epoch])
        return [rows[places] for places in plan(lengths[rows], budget=budget, rng=rng)]


def part_of(rows: Index, rank: int, ranks: int) -> tuple[Index, bool]:
    """This rank's rows; a rank without any gets the first one, to be counted with weight zero."""
    mine = rows[rank::ranks]
    return (mine, True) if len(mine) else (rows[:1], False)


def shortened(ids: Ids, max_tokens: int, keep: Literal["first", "last"]) -> Ids:
    """The first or last `max_tokens` ids."""
    return ids[:max_tokens] if keep == "first" else ids[-max_tokens:]


def pad(rows: list[Ids]) -> tuple[Tensor, Tensor]:
    """Rows of unequal length -> (B, longest) int64, PAD behind, and their lengths (B,), at least 1.

    An empty row counts as one PAD token, so that every row has a last state.
    """
    lengths = np.array([max(len(row), 1) for row in rows], dtype=np.int64)
    padded = np.full((len(rows), lengths.max()), PAD, dtype=np.int64)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = row
    return torch.from_numpy(padded), torch.from_numpy(lengths)
