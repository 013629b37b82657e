"""How sure a mean over seeds is."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit


class Interval(NamedTuple):
    """Mean of `n` values; `low` and `high` are None with a single one."""

    mean: float
    low: float | None
    high: float | None
    n: int

    @property
    def halfwidth(self) -> float | None:
        return None if self.high is None else self.high - self.mean


def t_interval(values: Sequence[float], *, confidence: float = 0.95) -> Interval:
    """Student's t interval of the mean of independent values, such as one per seed.

    Raises:
        ValueError: no values.
    """
    n = len(values)
    if not n:
        raise ValueError("an interval needs at least one value")
    mean = float(np.mean(values))
    if n == 1:
        return Interval(mean, None, None, n)
    halfwidth = float(stdtrit(n - 1, (1 + confidence) / 2) * np.std(values, ddof=1) / np.sqrt(n))
    return Interval(mean, mean - halfwidth, mean + halfwidth, n)
