"""Batches of a running text: streams side by side, read window by window."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.data.batches import RowBatches, part_of
from pipeline.data.store import Ids, Index, PreparedDataset
from pipeline.text.tokenizer import EOS, PAD


def running_ids(dataset: PreparedDataset, split: str) -> Ids:
    """All tokens of a split in running order; each row ends in EOS."""
    rows = dataset.split(split).columns["text"]
    return np.concatenate([rows[row] for row in range(len(rows))])


@dataclass
class StreamBatch:
    """The next window of every stream: tokens (B, S), and the tokens that follow them, targets (B, S).

    A stream begins with the token before its first target, the whole text with EOS. Past a stream's end both
    are PAD. `weight`: what to multiply this rank's summed loss with so that the ranks' average is the global
    mean over targets.
    """

    tokens: Tensor
    targets: Tensor
    weight: float


class StreamBatches(RowBatches[StreamBatch]):
    """A text cut into `streams` parts of one length. Row `window * streams + stream` is a part's window.

    A rank has the same streams in every batch, so that it can carry their state.
    """

    def __init__(self, ids: Ids, *, streams: int, window: int, rank: int = 0, ranks: int = 1) -> None:
        self._streams, self._window, self._rank, self._ranks = streams, window, rank, ranks
        self._windows = -(-len(ids) // (streams * window))
        width = -(-len(ids) // streams)
        self._targets = np.full((streams, self._windows * window), PAD, dtype=np.int64)
        self._tokens = self._targets.copy()
        before = np.concatenate([[EOS], ids[:-1]])
        for laid, flat in ((self._tokens, before), (self._targets, ids)):
            for stream, start in enumerate(range(0, len(ids), width)):
                part = flat[start : start + width]
                laid[stream, : len(part)] = part

    @property
    def lengths(self) -> Index:
        """Targets of every row, (n,)."""
        return np.concatenate([self._real(row).sum(1) for row in self.order()])

    def order(self, **_: Any) -> list[Index]:
        """Window after window, the same in every epoch."""
        rows = np.arange(self._windows * self._streams)
        return list(rows.reshape(self._windows, self._streams))

    def __getitem__(self, rows: Index) -> StreamBatch:
        mine, real = part_of(rows, self._rank, self._ranks)
        tokens, targets = (torch.from_numpy(self._cut(laid, mine)) for laid in (self._tokens, self._targets))
        total = float(self._real(rows).sum()) / self._ranks
        return StreamBatch(tokens, targets, 1 / total if real else 0.0)

    def _real(self, rows: Index) -> Any:
        return self._cut(self._targets, rows) != PAD

    def _cut(self, laid: Index, rows: Index) -> Index:
        """Rows of one window."""
        start = int(rows[0]) // self._streams * self._window
        return laid[rows % self._streams, start : start + self._window]
