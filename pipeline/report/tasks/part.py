"""What a task's module is given, and what it gives back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.report.findings import System
from pipeline.report.load import Study
from pipeline.report.vega import Plot, Plots


@dataclass(frozen=True)
class Scored:
    """An experiment that was run, on the split that ranks its variants.

    `order`: the variants, in the order of their colours. `best`: the one that leads. `predictions`: the
    experiment's folder, which may be absent.
    """

    study: Study
    tables: dict[str, pd.DataFrame]
    systems: list[System]
    order: list[str]
    best: str | None
    predictions: Path


@dataclass(frozen=True)
class Part:
    """Charts, sentences and, by row and variant, heat maps of the sentences.

    `more`: what else the task's template shows.
    """

    plots: Plots
    samples: Sequence[Any] = ()
    maps: dict[int, dict[str, Plot]] = field(default_factory=dict)
    more: Sequence[Any] = ()
