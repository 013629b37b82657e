"""Differences, how sure they are, and what they say about a threshold that was fixed beforehand.

A difference has two sources of chance: the seeds of the trainings and the items of the test split.
SE² = s²_seed (1/k_A + 1/k_B) + SE²_items; the interval is Student's, on the seeds' degrees of freedom (a
bootstrap over 3 to 5 seeds covers far less than it says).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy import stats

CONFIDENCE = 0.95
MOST_SEEDS = 1000
"""More than anybody trains: beyond it a difference counts as undecidable by seeds."""
UNTOLD = "more seeds than can be told from these"
"""What decides, where the results don't say how many are needed."""


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error.

    `seed_error` and `item_error`: the parts of `error`; None where the results don't tell. `dof`: degrees of
    freedom; infinite where seeds play no part. `seeds`: of each arm (0: a baseline, which has none).
    """

    value: float
    error: float
    dof: float
    seeds: tuple[int, ...] = ()
    seed_error: float | None = None
    item_error: float | None = None

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, both ends."""
        half = quantile(self.dof) * self.error
        return self.value - half, self.value + half

    def p_above(self, threshold: float) -> float:
        """One-sided p of "not above the threshold"."""
        return self._tail(self.value - threshold)

    def p_below(self, threshold: float) -> float:
        """One-sided p of "not below the threshold"."""
        return self._tail(threshold - self.value)

    def _tail(self, distance: float) -> float:
        if not self.error:
            return 0.0 if distance > 0 else 1.0
        return float(stats.t.sf(distance / self.error, self.dof))


def quantile(dof: float, comparisons: int = 1) -> float:
    """Of Student's t, for a 95 % interval, or for the first step of Holm's correction over several."""
    return float(stats.t.ppf(1 - (1 - CONFIDENCE) / 2 / comparisons, dof))


def mean(values: Sequence[float], *, item_error: float | None = None) -> Estimate:
    """The mean over seeds.

    Raises:
        ValueError: fewer than two values, which have no spread.
    """
    if len(values) < 2:
        raise ValueError("an interval over seeds needs at least two of them")
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return _estimate(float(np.mean(values)), error, len(values) - 1, (len(values),), item_error)


def difference(a: Sequence[float], b: Sequence[float], *, item_error: float | None = None) -> Estimate:
    """Mean of `a` less mean of `b`, a value per seed; a baseline has one value and no spread.

    `item_error`: standard error of the difference over test items.

    Raises:
        ValueError: both arms have a single value.
    """
    spread = sum((len(arm) - 1) * float(np.var(arm, ddof=1)) for arm in (a, b) if len(arm) > 1)
    dof = sum(len(arm) - 1 for arm in (a, b))
    if not dof:
        raise ValueError("a difference needs an arm with at least two seeds")
    error = math.sqrt(spread / dof * sum(1 / len(arm) for arm in (a, b) if len(arm) > 1))
    seeds = tuple(len(arm) if len(arm) > 1 else 0 for arm in (a, b))
    return _estimate(float(np.mean(a) - np.mean(b)), error, dof, seeds, item_error)


def log_ratio(a: Sequence[float], b: Sequence[float]) -> Estimate:
    """log2 of the ratio of geometric means of positive values, one per seed."""
    return difference(np.log2(a).tolist(), np.log2(b).tolist())


def combined(parts: Sequence[tuple[float, Estimate]]) -> Estimate:
    """A weighted sum of independent estimates, such as a difference of differences.

    The degrees of freedom are the fewest of any part, so that the interval is on the wide side.
    """
    value = sum(weight * part.value for weight, part in parts)

    def together(errors: Sequence[float | None]) -> float | None:
        known = [error for error in errors if error is not None]
        if len(known) < len(parts):
            return None
        return math.hypot(*(weight * error for (weight, _), error in zip(parts, known, strict=True)))

    return Estimate(
        value,
        math.hypot(*(weight * part.error for weight, part in parts)),
        min(part.dof for _, part in parts),
        parts[0][1].seeds,
        together([part.seed_error for _, part in parts]),
        together([part.item_error for _, part in parts]),
    )


def proportion_error(share: float, count: int) -> float:
    """Standard error of a share among `count` items."""
    return math.sqrt(max(share * (1 - share), 0.0) / count)


class Side(StrEnum):
    ABOVE = "above"
    BELOW = "below"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Comparison:
    """One number of a claim against the thresholds that were fixed beforehand.

    `label`: the condition it was measured under. `unit`: of the number. `above`: the claim holds under this
    condition if the number is surely above; `below`: it is refuted if the number is surely below.
    `adjusted`: p of both sides after Holm's correction over the claim's comparisons.
    """

    label: str
    unit: str
    estimate: Estimate
    above: float
    below: float
    adjusted: tuple[float, float] = (1.0, 1.0)

    @property
    def side(self) -> Side:
        """By interval and adjusted p alike."""
        low, high = self.estimate.interval
        alpha = (1 - CONFIDENCE) / 2
        if low > self.above and self.adjusted[0] <= alpha:
            return Side.ABOVE
        return Side.BELOW if high < self.below and self.adjusted[1] <= alpha else Side.UNCLEAR


def corrected(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """With Holm's correction (Holm 1979) over all of them, each side for itself."""
    if not comparisons:
        return []
    above = holm([one.estimate.p_above(one.above) for one in comparisons])
    below = holm([one.estimate.p_below(one.below) for one in comparisons])
    sides = zip(comparisons, above, below, strict=True)
    return [replace(one, adjusted=(high, low)) for one, high, low in sides]


def holm(p: list[float]) -> list[float]:
    """Adjusted p (Holm 1979).

    statsmodels has the same in multipletests, which collects garbage at every call: .4 s in a process that
    has loaded torch, thousands of times over.
    """
    order = np.argsort(p, kind="stable")
    steps = np.asarray(p)[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted.tolist()


def needed(comparison: Comparison, comparisons: int = 1) -> str:
    """What would decide an unclear comparison: seeds, or test items where these are what is missing.

    `comparisons`: of the claim, all of which Holm's correction spans.
    """
    estimate = comparison.estimate
    near = [abs(estimate.value - threshold) for threshold in {comparison.above, comparison.below}]
    inside = (
        min(comparison.above, comparison.below) <= estimate.value <= max(comparison.above, comparison.below)
    )
    distance = max(near) if inside and comparison.above != comparison.below else min(near)
    if not distance or estimate.seed_error is None:
        return UNTOLD
    arms = [count for count in estimate.seeds if count]
    # One seed's variance, from the error of the difference of means.
    one_seed = estimate.seed_error**2 / sum(1 / count for count in arms)
    items = estimate.item_error or 0.0
    sure = quantile(math.inf, comparisons) * items
    if sure >= distance:
        times = math.ceil((sure / distance) ** 2 * 2)
        return f"about {times} times as many test items"
    for count in range(2, MOST_SEEDS):
        error = math.sqrt(one_seed * len(arms) / count + items**2)
        if quantile(len(arms) * (count - 1), comparisons) * error < distance:
            return f"about {max(count, max(arms) + 1)} seeds"
    return f"more than {MOST_SEEDS:,} seeds"


def _estimate(
    value: float, seed_error: float, dof: float, seeds: tuple[int, ...], item_error: float | None
) -> Estimate:
    error = math.hypot(seed_error, item_error or 0.0)
    return Estimate(value, error, dof, seeds, seed_error, item_error)
