"""Windows of a series in which some hours are hidden, and batches of them.

In validation and tests an item is one stretch of hidden hours, known by its first hour: every stretch of a
part stands once in a window, whose place around it follows from the stretch's number alone. So systems that
read windows of other lengths are asked about the same hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pipeline.data.batches import RowBatches, part_of
from pipeline.data.series import Part, Values
from pipeline.data.store import Index
from pipeline.errors import UserError

Asked = Literal["gap", "next"]
Mask = npt.NDArray[np.bool_]
GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, modulo 1, fill the unit interval evenly (Weyl), however many there are."""


class Gaps:
    """Windows of one part of a series, by code: `start * hours + place`.

    `start` is the window's first hour in `part.values`, `place` that of its hidden hours. At least one hour
    is left on either side of them. With `asked` next nothing is hidden, `place` is 0, and an hour behind the
    window belongs to the part too.
    """

    def __init__(self, part: Part, *, hours: int, gap: int, asked: Asked = "gap", before: int = 1) -> None:
        """`before`: fewest hours before the gap.

        Raises:
            UserError: the part is too short for a single window.
        """
        self.hours, self.gap, self.asked, self._before = hours, gap, asked, before
        self.channels = part.values.shape[1]
        self._values, self._first, self._end = part.values, part.first, len(part.values)
        least = max(part.first, hours) + 1 if asked == "next" else max(hours, part.first + gap + 1)
        if self._end < least:
            raise UserError(
                f"data.max_tokens: {hours} hours with a gap of {gap} don't fit {self._end} hours; read less"
            )

    @classmethod
    def of(cls, part: Part, data: Mapping[str, Any]) -> "Gaps":
        """`data`: an experiment's; fields of `GapWindows` in pipeline/config/schema/imputation.py."""
        return cls(part, hours=data["max_tokens"], gap=data["gap"], asked=data["asked"])

    @property
    def count(self) -> int:
        """Hours of the part itself: numbers are less."""
        return self._end - self._first

    @property
    def numbers(self) -> Index:
        """Of the stretches that are asked about, (n,): what is hidden, or follows the window, from hour
        `part.first + number` on."""
        if self.asked == "next":
            return np.arange(max(0, self.hours - self._first), self._end - self._first)
        # One hour before and one after it can be seen.
        return np.arange(max(0, 1 - self._first), self._end - self.gap - self._first)

    def codes(self, numbers: Index) -> Index:
        """The window around each of these stretches, (n,)."""
        first = self._first + numbers
        if self.asked == "next":
            starts: Index = first - self.hours
            return starts * self.hours
        places = self._before + (numbers * GOLDEN % 1 * self._room).astype(np.int64)
        starts = np.clip(first - places, 0, self._end - self.hours)
        codes: Index = starts * self.hours + first - starts
        return codes

    def drawn(self, rng: np.random.Generator, stride: int) -> Index:
        """Windows `stride` hours apart, in random order; the first one and every gap's place are drawn."""
        last = self._end - self.hours - (self.asked == "next")
        starts = np.arange(rng.integers(min(stride, last + 1)), last + 1, stride)
        rng.shuffle(starts)
        codes: Index = starts * self.hours
        if self.asked == "gap":
            codes += self._before + rng.integers(self._room, size=len(starts))
        return codes

    @property
    def _room(self) -> int:
        """Places at which a gap can begin."""
        return self.hours - self.gap - self._before

    def __getitem__(self, codes: Index) -> tuple[Values, Values, Mask]:
        """Windows and what is to be answered, (n, hours, channels), and which hours are asked, (n, hours)."""
        starts, places = np.divmod(codes, self.hours)
        each = starts[:, None] + np.arange(self.hours)
        read = self._values[each]
        if self.asked == "next":
            return read, self._values[each + 1], np.ones(each.shape, dtype=np.bool_)
        since = np.arange(self.hours) - places[:, None]
        return read, read, (since >= 0) & (since < self.gap)

    def hidden(self, asked: Mask) -> Mask:
        """Which hours the network must not see, (n, hours)."""
        return asked if self.asked == "gap" else np.zeros_like(asked)


@dataclass
class GapBatch:
    """values, actual: (B, S, C); hidden, asked: (B, S) bool; rows: (B,) codes.

    `weight`: what to multiply this rank's summed loss with so that the ranks' average is the global mean over
    what is asked.
    """

    values: Tensor
    actual: Tensor
    hidden: Tensor
    asked: Tensor
    rows: Tensor
    weight: float


class GapBatches(RowBatches[GapBatch]):
    """Codes of a global batch -> this rank's part of it."""

    def __init__(self, gaps: Gaps, *, stride: int = 1, rank: int = 0, ranks: int = 1) -> None:
        """`stride`: hours from one window of an epoch, or of the validation, to the next."""
        self._gaps, self._stride, self._rank, self._ranks = gaps, stride, rank, ranks

    def order(
        self, *, budget: int, longest: int | None = None, seed: int | None = None, epoch: int = 0
    ) -> list[Index]:
        """Other windows and gaps in each epoch; without a seed always the same ones."""
        if seed is None:
            codes = self._gaps.codes(self._gaps.numbers[:: self._stride])
        else:
            codes = self._gaps.drawn(np.random.default_rng([seed, epoch]), self._stride)
        at_once = max(1, budget // self._gaps.hours)
        return np.split(codes, range(at_once, len(codes), at_once))

    def __getitem__(self, rows: Index) -> GapBatch:
        mine, real = part_of(rows, self._rank, self._ranks)
        values, actual, asked = self._gaps[mine]
        hours = self._gaps.gap if self._gaps.asked == "gap" else self._gaps.hours
        total = len(rows) * hours * self._gaps.channels / self._ranks
        return GapBatch(
            values=torch.from_numpy(values),
            actual=torch.from_numpy(actual),
            hidden=torch.from_numpy(self._gaps.hidden(asked)),
            asked=torch.from_numpy(asked),
            rows=torch.from_numpy(mine),
            weight=1 / total if real else 0.0,
        )
