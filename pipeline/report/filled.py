"""Windows with what was asked and answered, from predictions/, which hold what the corpus does and may be
absent."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

Points = list[tuple[int, float]]
"""Hour of the window, and value."""


@dataclass(frozen=True)
class Filled:
    """One channel of one window, in the channel's own unit. `answers`: variant -> points.

    `first`, `last`: the hours that were asked.
    """

    channel: str
    row: int
    first: int
    last: int
    actual: Points
    answers: dict[str, Points]


def read_filled(folder: Path, split: str, names: Sequence[str]) -> Filled | None:
    """The last channel of the window in the middle of those kept: it wasn't picked for its result.

    Args:
        folder: predictions/PROFILE/EXPERIMENT; without it there is none.
        names: variants that are asked the same; the answers are those of their first seed.
    """
    path = folder / "predictions.parquet"
    if not path.exists():
        return None
    here: list[tuple[str, str, Any]] = [("split", "=", split), ("variant", "in", list(names))]
    table = pq.read_table(path, filters=here)
    if not table.num_rows:
        return None
    lines = table.filter(pc.field("seed") == pc.min(table["seed"]).as_py()).to_pylist()
    rows, channel = sorted({line["row"] for line in lines}), lines[-1]["channel"]
    row = rows[len(rows) // 2]
    own = {line["variant"]: line for line in lines if (line["row"], line["channel"]) == (row, channel)}
    one = next(iter(own.values()))
    answers = {name: _points(own[name]["answers"], own[name]["place"]) for name in names if name in own}
    # What is asked may lie behind the window.
    actual = dict(_points(one["values"], 0)) | dict(_points(one["actual"], one["place"]))
    first, last = one["place"], one["place"] + len(one["actual"]) - 1
    return Filled(channel, row, first, last, sorted(actual.items()), answers)


def _points(values: Sequence[float], start: int) -> Points:
    return [(start + hour, float(value)) for hour, value in enumerate(values)]
