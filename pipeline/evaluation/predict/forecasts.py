"""Forecasts of the hours that follow."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from pipeline.bundle.load import Bundle
from pipeline.errors import UserError

Values = npt.NDArray[np.float32]
BATCH_HOURS = 16_384
"""Hours that are read at a time."""


@torch.inference_mode()
def forecast_values(bundle: Bundle, past: Values) -> Values:
    """Scaled past (windows, hours, channels) -> scaled future (windows, horizon, channels)."""
    device = next(bundle.network.parameters()).device
    windows = max(1, BATCH_HOURS // past.shape[1])
    parts = (past[start : start + windows] for start in range(0, len(past), windows))
    return np.concatenate([bundle.network(torch.tensor(part, device=device)).cpu().numpy() for part in parts])


def forecast_table(bundle: Bundle, table: pd.DataFrame, steps: int | None = None) -> pd.DataFrame:
    """A channel per column and an hour per row, in their own units -> step (from 1) and channels.

    The last rows are read, as many as in training; other columns are ignored.

    Args:
        steps: hours to forecast; as many as the model can if left out.

    Raises:
        UserError: a channel is missing or holds no finite number, there are too few rows, or more steps are
            asked for than the model forecasts.
    """
    facts = bundle.description
    channels, longest = facts["channels"], facts["horizons"][-1]
    steps = longest if steps is None else steps
    if not 1 <= steps <= longest:
        raise UserError(f"steps {steps}: the model forecasts 1 to {longest}; ask for so many")
    past = _past(table, channels, facts["data"]["max_tokens"])
    mean, scale = np.array(facts["mean"]), np.array(facts["scale"])
    found = forecast_values(bundle, ((past - mean) / scale).astype(np.float32)[None])[0, :steps]
    forecast = pd.DataFrame(found * scale + mean, columns=channels)
    forecast.insert(0, "step", np.arange(1, steps + 1))
    return forecast


def _past(table: pd.DataFrame, channels: list[str], hours: int) -> npt.NDArray[np.float64]:
    """The last `hours` rows of the channels."""
    if missing := [channel for channel in channels if channel not in table]:
        has = ", ".join(map(str, table.columns)) or "none"
        raise UserError(
            f"history: lacks column {', '.join(missing)}; it has {has}; needs {', '.join(channels)}"
        )
    if len(table) < hours:
        raise UserError(f"history: has {len(table)} rows; needs the last {hours}; give at least so many")
    columns = [_numbers(table[channel], channel, hours) for channel in channels]
    return np.stack(columns, axis=1)


def _numbers(column: "pd.Series[Any]", channel: str, hours: int) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)[-hours:]
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        row = len(column) - hours + int(wrong[0])
        found = repr(column.iloc[row])
        raise UserError(f"history, row {row + 1}, column {channel}: {found} is no finite number; mend it")
    return numbers
