"""Lines with the surprise at each word, and continuations, from predictions/, which may be absent."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.report.samples import spread

LINES = 5
SHORTEST, LONGEST = 4, 40
"""Tokens of a line that tells something and can be read at a glance."""
END = "</s>"
"""The token of a line's end, shown as a mark."""


@dataclass(frozen=True)
class Line:
    """`bits`: variant -> -log2 p of each token. A token's word and how dark it is shown: `shaded`."""

    row: int
    tokens: list[str]
    bits: dict[str, list[float]]

    def shaded(self, variant: str) -> list[tuple[str, float, float]]:
        """Token, bits, and strength of colour from 0 to 1: 16 bits, one word of 65,536, are all of it."""
        return [
            ("⏎" if token == END else token, bits, min(bits / 16, 1.0))
            for token, bits in zip(self.tokens, self.bits[variant], strict=True)
        ]

    def mean(self, variant: str) -> float:
        """Bits per token."""
        return float(np.mean(self.bits[variant]))


@dataclass(frozen=True)
class Continued:
    """`texts`: variant -> the likeliest continuation and one that was drawn."""

    prompt: str
    rest: str
    texts: dict[str, tuple[str, str]]


def read_lines(folder: Path, split: str, order: Sequence[str]) -> list[Line]:
    """Lines at evenly spaced quantiles of length: chosen by length alone, not by result.

    Args:
        folder: predictions/PROFILE/EXPERIMENT; without it there are none.
        order: variants as the page lists them; the surprise is that of their first seed.
    """
    path = folder / "predictions.parquet"
    if not path.exists() or not order:
        return []
    here: list[tuple[str, str, Any]] = [("split", "=", split), ("variant", "in", list(order))]
    index = pq.read_table(path, columns=["seed", "row", "tokens"], filters=here)
    sizes = pc.list_value_length(index["tokens"]).to_pylist()
    lengths = dict(zip(index["row"].to_pylist(), sizes, strict=True))
    fitting = {row: length for row, length in lengths.items() if SHORTEST <= length <= LONGEST}
    if not fitting:
        return []
    here += [("seed", "=", pc.min(index["seed"]).as_py()), ("row", "in", spread(fitting, LINES))]
    found: dict[int, dict[str, Any]] = {}
    for line in pq.read_table(path, filters=here).to_pylist():
        found.setdefault(line["row"], {})[line["variant"]] = line
    return [_line(row, found[row], order) for row in sorted(found, key=lambda row: (lengths[row], row))]


def _line(row: int, own: dict[str, Any], order: Sequence[str]) -> Line:
    bits = {name: _bits(own[name]["log_probabilities"]) for name in order if name in own}
    return Line(row, list(next(iter(own.values()))["tokens"]), bits)


def _bits(log_probabilities: Sequence[float]) -> list[float]:
    # Not negated: what is certain would have -0.0 bits.
    return [float(bits) for bits in np.abs(np.asarray(log_probabilities, dtype=np.float64)) / np.log(2)]


def read_continued(folder: Path, split: str, order: Sequence[str]) -> list[Continued]:
    """Lines' first halves and how each variant's first seed goes on."""
    path = folder / "continuations.parquet"
    if not path.exists() or not order:
        return []
    rows = pd.read_parquet(path)
    rows = rows[(rows["split"] == split) & rows["variant"].isin(list(order))]
    rows = rows[rows["seed"] == rows["seed"].min()]
    found = []
    for _, own in rows.groupby("row", sort=False):
        lines = own.set_index("variant")
        texts = {
            name: (str(lines["likeliest"][name]), str(lines["drawn"][name]))
            for name in order
            if name in lines.index
        }
        first = own.iloc[0]
        found.append(Continued(str(first["prompt"]), str(first["rest"]), texts))
    return found
