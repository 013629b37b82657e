"""Intervals, corrections and power, against numbers worked out apart."""

import math

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from pipeline.claims.statistics import (
    Comparison,
    Estimate,
    Side,
    combined,
    corrected,
    difference,
    holm,
    log_ratio,
    mean,
    needed,
    proportion_error,
)


def test_a_difference_has_the_interval_of_students_test() -> None:
    # Pooled variance 1, error sqrt(2/3), t(.975, 4) = 2.7764.
    found = difference([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    low, high = found.interval
    assert found.value == pytest.approx(2.0)
    assert (low, high) == pytest.approx(
        (2 - 2.7764 * math.sqrt(2 / 3), 2 + 2.7764 * math.sqrt(2 / 3)), abs=1e-4
    )


def test_a_baseline_adds_no_spread_and_no_degrees_of_freedom() -> None:
    found = difference([1.0, 2.0, 3.0], [0.0])
    assert found.dof == 2
    assert found.error == pytest.approx(1 / math.sqrt(3))
    assert found.seeds == (3, 0)


def test_test_items_widen_the_interval() -> None:
    seeds = difference([1.0, 1.1, 0.9], [0.0, 0.1, -0.1])
    both = difference([1.0, 1.1, 0.9], [0.0, 0.1, -0.1], item_error=0.3)
    assert both.error == pytest.approx(math.hypot(seeds.error, 0.3))


def test_intervals_cover_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    draws = rng.normal(size=(2000, 2, 4))
    covered = 0
    for a, b in draws:
        low, high = difference((a + 1).tolist(), b.tolist()).interval
        covered += low <= 1 <= high
    assert 0.93 < covered / 2000 < 0.97


def test_a_ratio_is_told_in_doublings() -> None:
    assert log_ratio([8.0, 8.0], [2.0, 2.0]).value == pytest.approx(2.0)


def test_a_difference_of_differences_adds_errors_and_takes_the_fewer_degrees_of_freedom() -> None:
    parts = [(1.0, Estimate(5.0, 3.0, 4.0)), (-1.0, Estimate(1.0, 4.0, 2.0))]
    found = combined(parts)
    assert (found.value, found.error, found.dof) == (4.0, 5.0, 2.0)


def test_shares_have_the_error_of_a_binomial() -> None:
    assert proportion_error(0.9, 100) == pytest.approx(0.03)


def test_one_value_has_no_interval() -> None:
    with pytest.raises(ValueError, match="two"):
        mean([1.0])
    with pytest.raises(ValueError, match="two seeds"):
        difference([1.0], [0.0])


def of(value: float, error: float, *, dof: float = 4, seeds: tuple[int, ...] = (3, 3)) -> Comparison:
    return Comparison("a against b", "points", Estimate(value, error, dof, seeds, error, None), 0.0, 0.0)


def test_sides_are_those_of_the_interval() -> None:
    sides = [corrected([of(value, 0.1)])[0].side for value in (1.0, -1.0, 0.1)]
    assert sides == [Side.ABOVE, Side.BELOW, Side.UNCLEAR]


def test_holm_makes_many_comparisons_harder_than_one() -> None:
    # One-sided p .0125 alone: enough for itself, not among eight.
    one = of(0.35, 0.1, dof=4)
    assert corrected([one])[0].side is Side.ABOVE
    assert {each.side for each in corrected([one] * 8)} == {Side.UNCLEAR}


def test_between_two_thresholds_nothing_is_clear() -> None:
    between = Comparison("a", "points", Estimate(0.5, 0.01, 4, (3, 3), 0.01, None), 1.0, 0.0)
    assert corrected([between])[0].side is Side.UNCLEAR


def test_more_seeds_are_asked_for_until_they_would_decide() -> None:
    # One seed's standard deviation is .3; with k per arm the error is .3 sqrt(2/k).
    words = needed(of(0.3, 0.3 * math.sqrt(2 / 3))).split()
    count = int(words[1])
    assert words[2] == "seeds"
    from scipy import stats

    def decides(k: int) -> bool:
        return bool(stats.t.ppf(0.975, 2 * (k - 1)) * 0.3 * math.sqrt(2 / k) < 0.3)

    assert decides(count)
    assert not decides(count - 1)


def test_more_comparisons_need_more_seeds() -> None:
    words = [needed(of(0.3, 0.3 * math.sqrt(2 / 3)), comparisons).split() for comparisons in (1, 10)]
    assert int(words[0][1]) < int(words[1][1])


def test_a_difference_of_differences_knows_what_would_decide_it() -> None:
    part = difference([1.0, 2.0, 3.0], [1.0, 2.0, 3.5], item_error=0.3)
    found = combined([(1.0, part), (-1.0, part)])
    assert found.error == pytest.approx(math.hypot(found.seed_error or 0, found.item_error or 0))
    assert "seeds" in needed(Comparison("a", "BLEU", found, 3.0, 3.0))


def test_items_are_asked_for_where_seeds_cannot_decide() -> None:
    estimate = Estimate(0.1, 1.0, 4, (3, 3), 0.01, 1.0)
    assert "test items" in needed(Comparison("a", "points", estimate, 0.0, 0.0))


@pytest.mark.parametrize("p", [[0.03], [0.01, 0.04, 0.03, 0.005], [0.2, 0.2, 0.9, 1.0], [0.0, 0.5, 0.0]])
def test_holms_correction_is_that_of_statsmodels(p: list[float]) -> None:
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1].tolist())
