"""What a recurrent forecaster must beat: no change, yesterday again, and a linear map of the window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import Ridge

from pipeline.data.series import Part, Values, Windows
from pipeline.errors import UserError
from pipeline.metrics.forecasting import by_horizon, window_errors

DAY = 24
HISTORIES = (7 * DAY, 14 * DAY)
REGULARISATIONS = (1.0, 100.0, 10_000.0)
"""Hours that the linear map reads, and values of its alpha: compared on the validation part."""


@dataclass(frozen=True)
class Baseline:
    """`forecast`: past (windows, `history` hours, channels) -> future (windows, horizon, channels)."""

    history: int
    forecast: Callable[[Values], Values]


def fit(name: str, train: Part, validation: Part, horizons: Sequence[int]) -> Baseline:
    """Trains a baseline of the experiment's `baselines`."""
    match name:
        case "repeat_last":
            return repeat_last(horizons[-1])
        case "seasonal":
            return seasonal(horizons[-1])
        case "ridge":
            return ridge(train, validation, horizons)
        case _:
            raise ValueError(f"no baseline {name!r}")


def repeat_last(horizon: int) -> Baseline:
    """The last value, for ever."""
    return Baseline(1, lambda past: past.repeat(horizon, axis=1))


def seasonal(horizon: int) -> Baseline:
    """The last day, again and again."""
    days = -(-horizon // DAY)
    return Baseline(DAY, lambda past: np.tile(past, (1, days, 1))[:, :horizon])


def ridge(train: Part, validation: Part, horizons: Sequence[int]) -> Baseline:
    """For each channel a linear map of its own past to all hours of its future, trained on whole windows.

    The validation part chooses how much past is read and alpha, by the error over the horizons.

    Raises:
        UserError: the training part is too short for a single whole window.
    """
    best: tuple[float, Baseline] | None = None
    for history in HISTORIES:
        if len(train.values) < history + horizons[-1]:
            continue
        windows = train.windows(history, horizons[-1])
        rows = np.arange(len(windows))
        past, future = windows[rows[windows.lengths(rows) == horizons[-1]]]
        for regularisation in REGULARISATIONS:
            baseline = Baseline(history, _linear(past, future, regularisation))
            error = _error(baseline, validation.windows(history, horizons[-1]), horizons)
            if best is None or error < best[0]:
                best = error, baseline
    if best is None:
        least = HISTORIES[0] + horizons[-1]
        raise UserError(f"ridge: needs {least:,} hours of training; the part has {len(train.values):,}")
    return best[1]


def _linear(past: Values, future: Values, regularisation: float) -> Callable[[Values], Values]:
    channels = range(past.shape[2])
    maps = [Ridge(alpha=regularisation).fit(past[..., each], future[..., each]) for each in channels]
    return lambda past: np.stack([maps[each].predict(past[..., each]) for each in channels], axis=-1)


def _error(baseline: Baseline, windows: Windows, horizons: Sequence[int]) -> float:
    rows = np.arange(len(windows))
    past, future = windows[rows]
    errors = window_errors(baseline.forecast(past), future, windows.lengths(rows), horizons)
    return float(by_horizon(errors.squared).mean())
