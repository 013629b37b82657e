"""Forecasts -> the tables of one forecaster."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.series import Part, Values, Windows
from pipeline.data.store import Index, PreparedDataset
from pipeline.evaluation import series_baselines
from pipeline.evaluation.predict.forecasts import forecast_values
from pipeline.evaluation.tables import Tables, score_rows, stacked, test_splits_first
from pipeline.metrics.forecasting import Errors, joined, scores, window_errors

Forecast = Callable[[Values], Values]
"""Scaled past (windows, hours, channels) -> scaled future (windows, horizon, channels)."""

AT_ONCE = 256
"""Windows whose forecasts are in memory together."""
KEPT = 8
"""Windows whose forecasts are kept, evenly spaced; all of them would be gigabytes."""
BEFORE = 168
"""Hours before its forecast that are kept with such a window."""


def evaluate_bundle(bundle: Bundle, dataset: PreparedDataset) -> Tables:
    """Scores, errors by channel and by window, and forecasts of some windows, on test and on validation."""
    history = bundle.description["data"]["max_tokens"]
    return _tables(dataset, history, lambda past: forecast_values(bundle, past))


def evaluate_baseline(name: str, dataset: PreparedDataset) -> Tables:
    """As `evaluate_bundle`, of a baseline trained here."""
    train, validation = (Part.read(dataset, part) for part in ("train", "validation"))
    baseline = series_baselines.fit(name, train, validation, dataset.description["horizons"])
    return _tables(dataset, baseline.history, baseline.forecast)


def _tables(dataset: PreparedDataset, history: int, forecast: Forecast) -> Tables:
    parts = [_split_tables(dataset, name, history, forecast) for name in test_splits_first(dataset)]
    return stacked(parts)


def _split_tables(dataset: PreparedDataset, name: str, history: int, forecast: Forecast) -> Tables:
    horizons, channels = dataset.description["horizons"], dataset.description["channels"]
    part = Part.read(dataset, name)
    windows = part.windows(history, horizons[-1])
    rows = np.arange(len(windows))
    errors = joined(
        [
            window_errors(forecast(past), future, windows.lengths(some), horizons)
            for some in np.split(rows, range(AT_ONCE, len(rows), AT_ONCE))
            for past, future in [windows[some]]
        ]
    )
    return {
        "scores": score_rows(name, scores(errors, horizons)),
        "predictions": _kept(dataset, part, windows, forecast).assign(split=name),
        "windows": _by_window(errors, horizons).assign(split=name),
        "by_channel": _by_channel(errors, horizons, channels).assign(split=name),
    }


def _by_window(errors: Errors, horizons: Sequence[int]) -> pd.DataFrame:
    """row, mse_24 …, mae_24 …: the means of these columns are the scores of the same names."""
    columns = {
        f"{name}_{horizon}": values[:, place].mean(-1).astype(np.float32)
        for name, values in (("mse", errors.squared), ("mae", errors.absolute))
        for place, horizon in enumerate(horizons)
    }
    return pd.DataFrame({"row": range(len(errors.squared)), **columns})


def _by_channel(errors: Errors, horizons: Sequence[int], channels: Sequence[str]) -> pd.DataFrame:
    """channel, horizon, mse, mae"""
    squared, absolute = (np.nanmean(each, axis=0) for each in errors)
    return pd.DataFrame(
        [
            {
                "channel": channel,
                "horizon": horizon,
                "mse": squared[place, number],
                "mae": absolute[place, number],
            }
            for number, channel in enumerate(channels)
            for place, horizon in enumerate(horizons)
        ]
    )


def _kept(dataset: PreparedDataset, part: Part, windows: Windows, forecast: Forecast) -> pd.DataFrame:
    """row, channel, past, future, forecast: some whole windows, in the channels' own units."""
    # The same past whatever the system reads; the parts before hold all of it.
    shown = part.windows(min(BEFORE, part.first), windows.horizon)
    mean, scale = (np.array(dataset.description[name]) for name in ("mean", "scale"))
    last = len(windows) - windows.horizon
    rows: Index = np.unique(np.linspace(0, last, KEPT).round().astype(np.int64))
    past, future = shown[rows]
    found = forecast(windows[rows][0])
    return pd.DataFrame(
        [
            {
                "row": row,
                "channel": channel,
                **{
                    name: (values[place, :, number] * scale[number] + mean[number]).astype(np.float32)
                    for name, values in (("past", past), ("future", future), ("forecast", found))
                },
            }
            for place, row in enumerate(rows)
            for number, channel in enumerate(dataset.description["channels"])
        ]
    )
