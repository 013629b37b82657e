import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metrics.intervals import t_interval


def test_known_answer():
    # Mean 2, standard error 1/sqrt(3), 97.5 % point of t with 2 degrees of freedom 4.302653.
    interval = t_interval([1.0, 2.0, 3.0])
    assert interval.mean == 2
    assert interval.halfwidth == pytest.approx(4.302653 / np.sqrt(3), rel=1e-6)
    assert (interval.low + interval.high) / 2 == pytest.approx(2)
    assert interval.n == 3


def test_one_value_has_no_interval():
    assert t_interval([5.0]) == (5.0, None, None, 1)
    assert t_interval([5.0]).halfwidth is None


def test_no_values_are_refused():
    with pytest.raises(ValueError, match="at least one value"):
        t_interval([])


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=11))
def test_the_mean_lies_inside(values):
    interval = t_interval(values)
    assert interval.low <= interval.mean <= interval.high


def test_covers_the_true_mean_as_often_as_it_says():
    rng = np.random.default_rng(0)
    intervals = [t_interval(list(rng.normal(7, 2, 5))) for _ in range(1000)]
    assert 0.93 < np.mean([i.low <= 7 <= i.high for i in intervals]) < 0.97
