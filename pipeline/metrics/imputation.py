"""Errors of answers at the hours that are asked about, scaled by the training part's mean and spread."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.metrics.score import Score

Values = npt.NDArray[np.floating[Any]]
Mask = npt.NDArray[np.bool_]
Means = npt.NDArray[np.float64]
SCALED = "mean over windows, asked hours and channels, scaled by training"


class AskedErrors(NamedTuple):
    """(windows,) each: means over a window's asked hours and channels; `last` over its last hour alone.

    `of_mean`: squared errors of who always answers the training part's mean, which is 0.
    """

    squared: Means
    absolute: Means
    of_mean: Means
    last: Means


def asked_errors(answers: Values, actual: Values, asked: Mask) -> AskedErrors:
    """
    Args:
        answers, actual: (windows, hours, channels), scaled.
        asked: (windows, hours); as many of every window.
    """
    actual = actual.astype(np.float64)
    missed = answers - actual
    count = asked.sum(1) * actual.shape[2]
    squared, absolute, of_mean = (
        (each * asked[..., None]).sum((1, 2)) / count for each in (missed**2, np.abs(missed), actual**2)
    )
    return AskedErrors(squared, absolute, of_mean, (missed[:, -1] ** 2).mean(-1))


def r2(squared: Means, of_mean: Means) -> float:
    """What is saved of the squared errors of who always answers the training part's mean, `of_mean`."""
    return float(1 - squared.mean() / of_mean.mean())


def scores(errors: AskedErrors, *, last: bool) -> dict[str, Score]:
    """mse, mae and r2 over what is asked; with `last`, mse_last at the windows' last hour."""
    found = {
        "mse": Score(float(errors.squared.mean()), SCALED),
        "mae": Score(float(errors.absolute.mean()), SCALED),
        "r2": Score(r2(errors.squared, errors.of_mean), SCALED),
    }
    if last:
        signature = "mean over windows and channels at a window's last hour, scaled by training"
        found["mse_last"] = Score(float(errors.last.mean()), signature)
    return found
