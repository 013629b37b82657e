"""Batches of pictures, each with all of its captions."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline.data.batches import RowBatches, pad, part_of, plan
from pipeline.data.pictures import Pictures
from pipeline.data.store import Ids, Index
from pipeline.errors import UserError
from pipeline.text.tokenizer import BOS, EOS


@dataclass
class CaptionBatch:
    """pictures: (B, 3, side, side) uint8, channels last in memory; owner: (M,) the picture of each caption;
    target: (M, T), BOS first and EOS last, both counted in target_lengths.

    `weight`: what to multiply this rank's summed loss with so that the ranks' average is the global mean
    over predicted tokens.
    """

    pictures: Tensor
    owner: Tensor
    target: Tensor
    target_lengths: Tensor
    rows: Tensor
    weight: float


class CaptionBatches(RowBatches[CaptionBatch]):
    """Global row numbers of pictures -> this rank's part of the batch."""

    def __init__(
        self, pictures: Pictures, *, longest: int | None = None, rank: int = 0, ranks: int = 1
    ) -> None:
        """`longest`: captions of more tokens are left out."""
        self._pictures, self._rank, self._ranks = pictures, rank, ranks
        lengths = pictures.captions.lengths + 2
        kept = lengths - 2 <= (longest or lengths.max())
        self._kept = [own[kept[own]] for own in map(pictures.of, range(len(pictures)))]
        self._tokens = np.array(
            [len(own) * lengths[own].max(initial=0) for own in self._kept], dtype=np.int64
        )
        self._predicted = np.array([(lengths[own] - 1).sum() for own in self._kept], dtype=np.int64)

    @property
    def lengths(self) -> Index:
        """Tokens of every picture's captions, padded to the longest, BOS and EOS counted, (n,)."""
        return self._tokens

    def order(
        self, *, budget: int, longest: int | None = None, seed: int | None = None, epoch: int = 0
    ) -> list[Index]:
        """Batches of pictures that have captions to learn; `longest` has chosen these already.

        Raises:
            UserError: there are none.
        """
        rows = np.flatnonzero(self._tokens)
        if not len(rows):
            shortest = self._pictures.captions.lengths.min()
            raise UserError(
                f"data.max_tokens: {longest} leaves no caption; the shortest has {shortest} tokens"
            )
        rng = None if seed is None else np.random.default_rng([seed, epoch])
        return [rows[places] for places in plan(self._tokens[rows], budget=budget, rng=rng)]

    def __getitem__(self, rows: Index) -> CaptionBatch:
        mine, real = part_of(rows, self._rank, self._ranks)
        captions = [self._kept[row] for row in mine]
        owner = np.repeat(np.arange(len(mine)), [len(own) for own in captions])
        target, lengths = pad([_enclosed(self._pictures.captions[i]) for own in captions for i in own])
        total = float(self._predicted[rows].sum()) / self._ranks
        return CaptionBatch(
            pictures=torch.from_numpy(self._pictures.images[mine]).permute(0, 3, 1, 2),
            owner=torch.from_numpy(owner),
            target=target,
            target_lengths=lengths,
            rows=torch.from_numpy(mine),
            weight=1 / total if real else 0.0,
        )


def _enclosed(ids: Ids) -> Ids:
    """BOS, the ids, EOS."""
    return np.concatenate([[BOS], ids, [EOS]]).astype(np.uint16)
