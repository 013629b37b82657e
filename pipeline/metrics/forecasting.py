"""Errors of forecasts, over the first so many hours of each window.

The convention of the Informer's tables (Zhou et al. 2021, Tables 1 and 2): values scaled by the training
part's mean and standard deviation, the mean over channels, hours and all windows with so many real hours.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.metrics.score import Score

Values = npt.NDArray[np.floating[Any]]
Index = npt.NDArray[np.int64]
Means = npt.NDArray[np.float64]
SCALED = "mean over windows, hours and channels, scaled by training"


class Errors(NamedTuple):
    """(windows, horizons, channels): means over the hours to each horizon, NaN where fewer are real."""

    squared: Means
    absolute: Means


def window_errors(forecast: Values, future: Values, lengths: Index, horizons: Sequence[int]) -> Errors:
    """
    Args:
        forecast, future: (windows, hours, channels), scaled.
        lengths: (windows,) real hours of each future.
    """
    missed = forecast.astype(np.float64) - future
    return Errors(*(_to(each, lengths, np.asarray(horizons)) for each in (missed**2, np.abs(missed))))


def _to(errors: Means, lengths: Index, horizons: Index) -> Means:
    means = errors.cumsum(1)[:, horizons - 1] / horizons[:, None]
    return np.where((lengths[:, None] >= horizons)[..., None], means, np.nan)


def joined(parts: Sequence[Errors]) -> Errors:
    """Errors of all windows, in the parts' order."""
    return Errors(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def scores(errors: Errors, horizons: Sequence[int]) -> dict[str, Score]:
    """mse and mae: means over the horizons; then mse_24 …, mae_24 …: by horizon."""
    found = {}
    for name, values in (("mse", errors.squared), ("mae", errors.absolute)):
        means = by_horizon(values)
        found[name] = Score(float(means.mean()), f"mean of {name} over horizons|{SCALED}")
        for horizon, value in zip(horizons, means, strict=True):
            found[f"{name}_{horizon}"] = Score(float(value), SCALED)
    return found


def by_horizon(errors: Means) -> Means:
    """Means over channels and the windows that reach so far, (horizons,)."""
    means: Means = np.nanmean(errors, axis=(0, 2))
    return means


def r2(squared: Means, of_mean: Means) -> float:
    """What is saved of the squared errors of who always forecasts the training part's mean, `of_mean`.

    Both as in `Errors`. Out-of-sample R² (Campbell and Thompson 2008), of the means over horizons.
    """
    return float(1 - by_horizon(squared).mean() / by_horizon(of_mean).mean())
