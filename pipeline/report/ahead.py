"""Windows with their forecasts from predictions/, which hold what the corpus does and may be absent."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

WINDOWS = 4
"""Shown at least; with more channels, one for each."""
EVERY = 3
"""Hours between points that are drawn: a day still has eight."""
Points = list[tuple[int, float]]
"""Hour from the first one forecast, and value."""


@dataclass(frozen=True)
class Ahead:
    """One channel of one window, in the channel's own unit. `forecasts`: variant -> points."""

    row: int
    channel: str
    actual: Points
    forecasts: dict[str, Points]

    @property
    def title(self) -> str:
        return f"{self.channel} from hour {self.row:,} on"


def read_ahead(folder: Path, split: str, order: Sequence[str], channels: Sequence[str]) -> list[Ahead]:
    """Evenly spaced windows, the last channel first, then each of the others: none is picked for its result.

    Args:
        folder: predictions/PROFILE/EXPERIMENT; without it there are none.
        order: variants as the page lists them; the forecasts are those of their first seed.
    """
    path = folder / "predictions.parquet"
    if not path.exists() or not order:
        return []
    here: list[tuple[str, str, Any]] = [("split", "=", split), ("variant", "in", list(order))]
    table = pq.read_table(path, filters=here)
    if not table.num_rows:
        return []
    seed = pc.min(table["seed"]).as_py()
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for line in table.filter(pc.field("seed") == seed).to_pylist():
        found.setdefault((line["row"], line["channel"]), {})[line["variant"]] = line
    rows = sorted({row for row, _ in found})
    count = max(WINDOWS, len(channels))
    places = np.linspace(0, len(rows) - 1, count).round().astype(int)
    wanted = [(rows[place], channels[-1 - number % len(channels)]) for number, place in enumerate(places)]
    return [_ahead(*key, found[key], order) for key in dict.fromkeys(wanted)]


def _ahead(row: int, channel: str, lines: dict[str, Any], order: Sequence[str]) -> Ahead:
    own = {name: lines[name] for name in order if name in lines}
    first = next(iter(own.values()))
    actual = np.concatenate([first["past"], first["future"]])
    forecasts = {name: _points(np.asarray(line["forecast"]), 0) for name, line in own.items()}
    return Ahead(row, channel, _points(actual, -len(first["past"])), forecasts)


def _points(values: npt.NDArray[np.float32], start: int) -> Points:
    # From the same hours on either side of 0, so that lines lie over one another.
    hours = np.arange(start, start + len(values))
    drawn = hours % EVERY == 0
    return [(int(hour), float(value)) for hour, value in zip(hours[drawn], values[drawn], strict=True)]
