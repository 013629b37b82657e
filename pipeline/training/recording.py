"""Reading what a running or finished run has recorded; imports no torch."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def read_curves(path: Path) -> list[dict[str, Any]]:
    """Points of a training's curves: step, epoch, metric, value, time."""
    return [json.loads(line) for line in whole_lines(path)] if path.exists() else []


def whole_lines(path: Path) -> Iterator[str]:
    """A killed process may leave half a last line."""
    with path.open(encoding="utf-8") as file:
        yield from (line for line in file if line.endswith("\n"))
