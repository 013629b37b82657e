"""Values for the hours of a window that are hidden."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from pipeline.bundle.load import Bundle
from pipeline.errors import UserError

Values = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
EMPTY = ("", "na", "nan", "null")
"""How an empty cell may be written, in small letters."""
BATCH_HOURS = 65_536
"""Hours that are read at a time."""


@torch.inference_mode()
def answered(bundle: Bundle, values: Values, hidden: Mask) -> Values:
    """Scaled windows (n, hours, channels), hidden hours (n, hours) -> an answer for every hour."""
    device = next(bundle.network.parameters()).device
    windows = max(1, BATCH_HOURS // values.shape[1])
    parts = (slice(start, start + windows) for start in range(0, len(values), windows))
    return np.concatenate(
        [
            bundle.network(*(torch.tensor(each[part], device=device) for each in (values, hidden)))
            .cpu()
            .numpy()
            for part in parts
        ]
    )


def fill_table(bundle: Bundle, table: pd.DataFrame) -> pd.DataFrame:
    """A channel per column and an hour per row, in their own units, some cells empty -> the channels, filled.

    Around each stretch of rows with an empty cell stands a window, as long as in training; other columns are
    ignored.

    Raises:
        UserError: the bundle fills no gaps, a channel is missing or holds what is no number, no cell is
            empty, or a stretch is so long that nothing can be seen around it.
    """
    facts = bundle.description
    if facts["data"]["asked"] != "gap":
        raise UserError("model: learned to tell the next hour, not to fill gaps; name another with --model")
    channels = facts["channels"]
    if missing := [channel for channel in channels if channel not in table]:
        has = ", ".join(map(str, table.columns)) or "none"
        raise UserError(
            f"table: lacks column {', '.join(missing)}; it has {has}; needs {', '.join(channels)}"
        )
    numbers = np.stack([_numbers(table[channel], channel) for channel in channels], axis=1)
    empty = np.isnan(numbers)
    if not empty.any():
        raise UserError(f"table: no cell of {', '.join(channels)} is empty; there is nothing to fill")
    mean, scale = (np.array(facts[name]) for name in ("mean", "scale"))
    rows: Mask = np.logical_or.reduce(empty, axis=1)
    stretches = _stretches(rows)
    hours = min(facts["data"]["max_tokens"], len(table))
    middles = np.array(stretches).sum(1) // 2
    starts = np.clip(middles - hours // 2, 0, len(table) - hours)
    each = starts[:, None] + np.arange(hours)
    hidden = rows[each]
    for (first, end), row in zip(stretches, hidden, strict=True):
        if row.all():
            raise UserError(
                f"table, rows {first + 1} to {end}: all are empty, and so is what the model sees around them "
                f"({hours} rows); fill some"
            )
    scaled = np.nan_to_num((numbers - mean) / scale).astype(np.float32)
    answers = answered(bundle, scaled[each], hidden) * scale + mean
    filled = numbers.copy()
    for (first, end), start, answer in zip(stretches, starts, answers, strict=True):
        # A stretch that is longer than a window stands out of it at both ends.
        low, high = max(first, start), min(end, start + hours)
        filled[low:high] = np.where(empty[low:high], answer[low - start : high - start], numbers[low:high])
    return pd.DataFrame(filled, columns=channels, index=table.index)


def _stretches(hidden: Mask) -> list[tuple[int, int]]:
    """First row and the row behind the last one, of each stretch."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hidden, [False]]).astype(np.int8)))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def _numbers(column: "pd.Series[Any]", channel: str) -> npt.NDArray[np.float64]:
    """NaN where a cell is empty."""
    text = column.astype(str).str.strip()
    empty = column.isna() | text.str.lower().isin(EMPTY)
    numbers: npt.NDArray[np.float64] = pd.to_numeric(text.mask(empty), errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(~np.isfinite(numbers) & ~empty.to_numpy())
    if len(wrong):
        row = int(wrong[0])
        raise UserError(
            f"table, row {row + 1}, column {channel}: {column.iloc[row]!r} is no finite number; mend it, or "
            "leave the cell empty"
        )
    return numbers
