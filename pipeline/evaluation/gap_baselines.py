"""What a network that fills gaps must beat: no change, the day before again, and a straight line across."""

from collections.abc import Callable

import numpy as np

from pipeline.data.gaps import Mask
from pipeline.data.series import Values

DAY = 24
Fill = Callable[[Values, Mask], Values]
"""Windows (n, hours, channels), hidden hours (n, hours), one stretch in each and not at its ends -> the
windows filled."""


def filler(way: str) -> Fill:
    """The baseline of this name in an experiment's `baselines`, without the hours."""
    match way:
        case "repeat_last":
            return repeat_last
        case "seasonal":
            return seasonal
        case "interpolation":
            return interpolation
        case _:
            raise ValueError(f"no baseline {way!r}")


def repeat_last(values: Values, hidden: Mask) -> Values:
    """The value before the gap, for all of it."""
    before = hidden.argmax(1) - 1
    return _filled(values, hidden, values[np.arange(len(values)), before][:, None])


def seasonal(values: Values, hidden: Mask) -> Values:
    """The day before the gap, which the window has, again and again."""
    first = hidden.argmax(1)[:, None]
    source = first - DAY + (np.arange(values.shape[1]) - first) % DAY
    return _filled(values, hidden, np.take_along_axis(values, source[..., None], axis=1))


def interpolation(values: Values, hidden: Mask) -> Values:
    """A straight line from the value before the gap to the one behind it."""
    rows, first, count = np.arange(len(values)), hidden.argmax(1), hidden.sum(1)
    before, after = values[rows, first - 1], values[rows, first + count]
    share = (np.arange(values.shape[1]) - first[:, None] + 1) / (count[:, None] + 1)
    line = before[:, None] + share[..., None] * (after - before)[:, None]
    return _filled(values, hidden, line.astype(values.dtype))


def _filled(values: Values, hidden: Mask, found: Values) -> Values:
    return np.where(hidden[..., None], found, values)
