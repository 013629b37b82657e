"""Batches of a classifier that learns from few labelled texts, perhaps after reading running text."""

from typing import Any

import numpy as np

from pipeline.data.few_rows import FewRows
from pipeline.data.store import Ids, Index, Split
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


class FewTexts(FewRows[TextBatch], TextBatches):
    """`labels` texts of a split, equally many of each class."""

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
