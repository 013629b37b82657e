"""Batches of labelled texts."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from pipeline.data.batches import RowBatches, pad, part_of, shortened
from pipeline.data.store import Ids, Index, Split
from pipeline.text.tokenizer import PAD

Keep = Literal["first", "last"]
Padding = Literal["masked", "after", "before"]
"""`masked`: networks read no padding. `after`, `before`: they read it as words, behind a text or in front."""


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


class TextBatches(RowBatches[TextBatch]):
    """Global row numbers -> this rank's part of the batch (labelled texts)."""

    def __init__(
        self,
        split: Split,
        *,
        max_tokens: int,
        keep: Keep,
        padding: Padding = "masked",
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        assert split.labels is not None
        self._texts, self._labels = split.columns["text"], split.labels
        self._max_tokens, self._keep, self._padding = max_tokens, keep, padding
        self._rank, self._ranks = rank, ranks

    @property
    def lengths(self) -> Index:
        """Tokens of every row after cutting and, where it is read, padding, (n,)."""
        return read_lengths(self._texts.lengths, self._max_tokens, self._padding)

    def __getitem__(self, rows: Index) -> TextBatch:
        mine, real = part_of(rows, self._rank, self._ranks)
        texts = [shortened(self._texts[row], self._max_tokens, self._keep) for row in mine]
        tokens, lengths = laid_out(texts, self._max_tokens, self._padding)
        share = len(mine) * self._ranks / len(rows) if real else 0.0
        return TextBatch(tokens, lengths, torch.from_numpy(self._labels[mine]), torch.from_numpy(mine), share)


def read_lengths(lengths: Index, max_tokens: int, padding: Padding) -> Index:
    """Steps that a network reads of texts of `lengths` tokens, (n,)."""
    if padding == "masked":
        return np.clip(lengths, 1, max_tokens)
    return np.full_like(lengths, max_tokens)


def laid_out(texts: list[Ids], max_tokens: int, padding: Padding) -> tuple[Tensor, Tensor]:
    """Texts of at most `max_tokens` -> tokens (B, S) and the lengths that the network is told (B,).

    Padding that is read fills every row to `max_tokens`: an answer must not hang on a row's neighbours.
    """
    if padding == "masked":
        return pad(texts)
    rows = np.full((len(texts), max_tokens), PAD, dtype=np.int64)
    for row, text in zip(rows, texts, strict=True):
        row[slice(0, len(text)) if padding == "after" else slice(max_tokens - len(text), None)] = text
    return torch.from_numpy(rows), torch.full((len(texts),), max_tokens)
