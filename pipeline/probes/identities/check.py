"""One property that was tried, and how numbers and tensors become one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import torch
from torch import Tensor

TOLERANCE = 1e-10
"""Of identities, in float64."""

Number = int | float | Fraction
Value = Number | str | tuple[int, ...]


@dataclass(frozen=True)
class Check:
    """`claim`: its id. `check`: what was tried. `found`, `expected`: for a reader, numbers in them."""

    claim: str
    check: str
    found: str
    expected: str
    passed: bool


Checks = Callable[[], Iterator[Check]]
"""Tries properties of one claim, with torch's random numbers as it finds them."""


@dataclass(frozen=True)
class About:
    """Makes the checks of one claim."""

    claim: str

    def equal(self, check: str, found: Value, expected: Value) -> Check:
        """Exactly; shapes, counts, fractions, words."""
        return Check(self.claim, check, told(found), told(expected), found == expected)

    def near(self, check: str, found: Tensor, expected: Tensor, tolerance: float = TOLERANCE) -> Check:
        """All elements, but for `tolerance`."""
        gap = largest_difference(found, expected)
        return Check(
            self.claim, check, _difference(gap), f"at most {_scientific(tolerance)}", gap <= tolerance
        )

    def close(
        self, check: str, found: float, expected: float, tolerance: float, *, beside: str = ""
    ) -> Check:
        """A number that a formula predicts; `beside`: what to tell with it."""
        wanted = f"{told(expected)} ± {told(tolerance)}"
        return Check(self.claim, check, told(found) + beside, wanted, abs(found - expected) <= tolerance)

    def differ(self, check: str, one: Tensor, other: Tensor, least: float = 1e-3) -> Check:
        """Some element, by more than `least`."""
        gap = largest_difference(one, other)
        return Check(self.claim, check, _difference(gap), f"more than {told(least)}", gap > least)

    def within(self, check: str, values: Tensor, low: float, high: float) -> Check:
        """All elements, both ends included."""
        least, most = values.min().item(), values.max().item()
        found = f"{told(least)} to {told(most)}"
        return Check(self.claim, check, found, f"{told(low)} to {told(high)}", low <= least and most <= high)

    def rising(self, check: str, values: Sequence[Number], *, beside: str = "") -> Check:
        """Each value is more than the one before; `beside`: as of `close`."""
        found = ", ".join(map(told, values)) + beside
        passed = all(one < next for one, next in pairwise(values))
        return Check(self.claim, check, found, "each more than the one before", passed)

    def at_most(self, check: str, found: Number, limit: Number, *, beside: str = "") -> Check:
        """`beside`: as of `close`."""
        return Check(self.claim, check, told(found) + beside, f"at most {told(limit)}", found <= limit)

    def above(self, check: str, found: Number, limit: Number, *, beside: str = "") -> Check:
        """As `at_most`."""
        return Check(self.claim, check, told(found) + beside, f"more than {told(limit)}", found > limit)


def largest_difference(one: Tensor, other: Tensor) -> float:
    """Of two tensors of one shape.

    Raises:
        ValueError: the shapes differ.
    """
    if one.shape != other.shape:
        raise ValueError(f"shapes {tuple(one.shape)} and {tuple(other.shape)} can't be compared")
    return float((one - other).detach().abs().max())


def told(value: Value) -> str:
    """2/7, 4,096,000, (5, 3), 0.0067; a whole number never rounded."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.4g}".replace("e-0", "e-")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Fraction):
        return str(value)
    return str(value)


def shape(tensor: Tensor) -> tuple[int, ...]:
    return tuple(tensor.shape)


def normal(*sizes: int) -> Tensor:
    """Standard normal numbers in float64."""
    return torch.randn(*sizes, dtype=torch.float64)


def _difference(gap: float) -> str:
    return f"largest difference {_scientific(gap) if gap < 1e-3 else told(gap)}" if gap else "no difference"


def _scientific(value: float) -> str:
    return f"{value:.0e}".replace("e-0", "e-")
