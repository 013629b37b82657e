"""Trainings that see few rows of a split, and that learn from other rows first."""

from typing import Any, TypeVar

import numpy as np

from pipeline.data.batches import RowBatches, plan
from pipeline.data.store import Index

B = TypeVar("B")


class FewRows(RowBatches[B]):
    """Some rows of a split, `_passes` times in an epoch.

    Which ones hangs on the training's seed, so that intervals over seeds hold the luck of the choice too.
    """

    _passes: int

    def chosen(self, seed: int) -> Index:
        """Rows, in order."""
        raise NotImplementedError

    def order(
        self, *, budget: int, longest: int | None = None, seed: int | None = None, epoch: int = 0
    ) -> list[Index]:
        """`_passes` plans one behind the other, of the chosen rows that aren't too long."""
        assert seed is not None
        rows, rng = self.chosen(seed), np.random.default_rng([seed, epoch])
        lengths = self.lengths[rows]
        if longest is not None:
            rows, lengths = rows[lengths <= longest], lengths[lengths <= longest]
        return [rows[places] for _ in range(self._passes) for places in plan(lengths, budget=budget, rng=rng)]


class FirstThen(RowBatches[Any]):
    """`first` in the first `epochs` epochs, `then` in those that follow."""

    def __init__(self, first: RowBatches[Any], then: RowBatches[Any], *, epochs: int) -> None:
        self._first, self._then, self._epochs = first, then, epochs
        self._now = then

    @property
    def lengths(self) -> Index:
        return self._now.lengths

    def order(self, *, epoch: int = 0, **plan: Any) -> list[Index]:
        """Of the epoch, whose batches are then to be had."""
        self._now = self._first if epoch < self._epochs else self._then
        return self._now.order(epoch=epoch, **plan)

    def __getitem__(self, rows: Index) -> Any:
        return self._now[rows]
