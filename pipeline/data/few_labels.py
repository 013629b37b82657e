"""Batches of a classifier that learns from few labelled texts, perhaps after reading running text."""

from typing import Any

import numpy as np

from pipeline.data.batches import RowBatches, plan
from pipeline.data.store import Ids, Index, Split
from pipeline.data.streams import StreamBatch, StreamBatches
from pipeline.data.texts import TextBatch, TextBatches
from pipeline.errors import UserError
from pipeline.text.tokenizer import EOS


def running_text(split: Split, tokens: int | None) -> Ids:
    """All texts of a split one behind the other, each with EOS behind it; the first `tokens` of that."""
    texts, found = split.columns["text"], list[Ids]()
    left = sum(texts.lengths + 1) if tokens is None else tokens
    for row in range(len(texts)):
        found += [texts[row], np.array([EOS], dtype=np.uint16)]
        left -= len(texts[row]) + 1
        if left <= 0:
            break
    return np.concatenate(found)[:tokens]


class FewTexts(TextBatches):
    """`labels` texts of a split, equally many of each class, `passes` times in an epoch.

    Which ones hangs on the training's seed, so that intervals over seeds hold the luck of the choice too.
    """

    def __init__(self, split: Split, *, labels: int, passes: int, **options: Any) -> None:
        """Raises UserError where there are fewer labels than classes."""
        super().__init__(split, **options)
        assert split.labels is not None
        self._of_class = [np.flatnonzero(split.labels == label) for label in np.unique(split.labels)]
        self._each, self._passes = labels // len(self._of_class), passes
        if not self._each:
            raise UserError(
                f"data.few.labels: {labels} leaves none for each of {len(self._of_class)} classes; raise it"
            )

    def chosen(self, seed: int) -> Index:
        """Rows, in order; all of a class that has no more."""
        rng = np.random.default_rng([seed, self._each])
        return np.sort(np.concatenate([rng.permutation(rows)[: self._each] for rows in self._of_class]))

    def order(
        self, *, budget: int, longest: int | None = None, seed: int | None = None, epoch: int = 0
    ) -> list[Index]:
        """`passes` plans one behind the other; texts are cut, so that none is too long."""
        assert seed is not None
        rows, rng = self.chosen(seed), np.random.default_rng([seed, epoch])
        lengths = self.lengths[rows]
        return [rows[places] for _ in range(self._passes) for places in plan(lengths, budget=budget, rng=rng)]


class ReadFirst(RowBatches[StreamBatch | TextBatch]):
    """Windows of a running text in the first `epochs` epochs, labelled texts in those that follow."""

    def __init__(self, text: StreamBatches, labelled: TextBatches, *, epochs: int) -> None:
        self._text, self._labelled, self._epochs = text, labelled, epochs
        self._now: RowBatches[StreamBatch | TextBatch] = labelled

    @property
    def lengths(self) -> Index:
        return self._now.lengths

    def order(self, *, epoch: int = 0, **plan: Any) -> list[Index]:
        """Of the epoch, whose batches are then to be had."""
        self._now = self._text if epoch < self._epochs else self._labelled
        return self._now.order(epoch=epoch, **plan)

    def __getitem__(self, rows: Index) -> StreamBatch | TextBatch:
        return self._now[rows]
