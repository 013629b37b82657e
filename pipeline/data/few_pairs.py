"""Batches of a translator that learns from few sentence pairs."""

from typing import Any

import numpy as np

from pipeline.data.few_rows import FewRows
from pipeline.data.pairs import PairBatch, PairBatches
from pipeline.data.store import Index, Split


class FewPairs(FewRows[PairBatch], PairBatches):
    """`pairs` pairs of a split, or all if it has no more."""

    def __init__(self, split: Split, *, pairs: int, passes: int, **place: Any) -> None:
        super().__init__(split, **place)
        self._pairs, self._passes = pairs, passes

    def chosen(self, seed: int) -> Index:
        rng = np.random.default_rng([seed, self._pairs])
        return np.sort(rng.permutation(len(self.lengths))[: self._pairs])
