"""Errors of forecasts by hand: which hours count, what is averaged over what."""

import numpy as np
import pytest

from pipeline.metrics.forecasting import joined, r2, scores, window_errors

HORIZONS = [1, 3]


def test_errors_over_the_first_hours_of_windows_that_reach_so_far() -> None:
    future = np.zeros((2, 3, 1))
    forecast = np.array([[[1.0], [2.0], [-3.0]], [[5.0], [7.0], [9.0]]])
    # The second window has one real hour.
    errors = window_errors(forecast, future, np.array([3, 1]), HORIZONS)
    np.testing.assert_allclose(errors.squared[..., 0], [[1, 14 / 3], [25, np.nan]])
    np.testing.assert_allclose(errors.absolute[..., 0], [[1, 2], [5, np.nan]])
    found = scores(errors, HORIZONS)
    assert list(found) == ["mse", "mse_1", "mse_3", "mae", "mae_1", "mae_3"]
    assert found["mse_1"].value == 13
    assert found["mse_3"].value == pytest.approx(14 / 3)
    assert found["mse"].value == pytest.approx((13 + 14 / 3) / 2)
    assert found["mae_1"].value == 3


def test_parts_of_the_windows_add_up() -> None:
    rng = np.random.default_rng(3)
    forecast, future = rng.normal(size=(2, 7, 4, 2))
    lengths = np.array([4, 4, 4, 4, 3, 2, 1])
    whole = window_errors(forecast, future, lengths, [2, 4])
    parts = [
        window_errors(forecast[rows], future[rows], lengths[rows], [2, 4])
        for rows in (slice(0, 3), slice(3, 7))
    ]
    for one, other in zip(whole, joined(parts), strict=True):
        np.testing.assert_array_equal(one, other)


def test_r2_is_one_for_the_truth_and_nothing_for_the_mean() -> None:
    future = np.random.default_rng(5).normal(size=(9, 4, 2))
    lengths = np.full(9, 4)
    of_mean = window_errors(np.zeros_like(future), future, lengths, [2, 4]).squared
    assert r2(of_mean, of_mean) == 0
    assert r2(window_errors(future, future, lengths, [2, 4]).squared, of_mean) == 1
    halved = window_errors(future / 2, future, lengths, [2, 4]).squared
    assert r2(halved, of_mean) == pytest.approx(0.75)
