"""Sample translations and alignments from predictions/, which hold corpus text and may be absent."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

SENTENCES = 8
WORD_START = "▁"
"""What BPE puts before the first piece of a word."""
LONGEST_MAP = 40
"""Tokens on a side beyond which a heat map can't be read on a screen."""


@dataclass(frozen=True)
class Alignment:
    """`weights` "T S": how much each target token attends to each source token."""

    source: list[str]
    target: list[str]
    weights: npt.NDArray[np.float64]

    def strongest(self) -> list[tuple[str, str, float]]:
        """For each target token: the source token with the largest weight, and that weight."""
        best = self.weights.argmax(axis=1)
        triples = zip(self.target, best, self.weights.max(axis=1), strict=True)
        return [(word, self.source[index], float(weight)) for word, index, weight in triples]


@dataclass(frozen=True)
class Sample:
    """One sentence with every system's output, and alignments of the variants that attend.

    `row`: in the test split; below zero for a sentence that the parameters name. `found`: the split that has
    the latter, or "none"; empty for the former.
    """

    row: int
    source: str
    references: list[str]
    outputs: dict[str, str]
    alignments: dict[str, Alignment]
    found: str = ""


def read_samples(folder: Path, split: str, order: list[str]) -> list[Sample]:
    """Sentences at evenly spaced quantiles of source length: chosen by length alone, not by result.

    Args:
        folder: predictions/PROFILE/EXPERIMENT; without it there are no samples.
        order: variants as the page lists them; their outputs are those of the first seed, baselines follow.
    """
    path = folder / "predictions.parquet"
    if not path.exists():
        return []
    here: list[tuple[str, str, Any]] = [("split", "=", split)]
    index = pq.read_table(path, columns=["row", "source"], filters=here).to_pandas()
    if index.empty:
        return []
    sentences = index.drop_duplicates("row").set_index("row")["source"]
    lengths = {row: len(text.split()) for row, text in sentences.items()}
    here += [("row", "in", spread(lengths, SENTENCES))]
    columns = ["variant", "seed", "row", "source", "hypothesis", "references"]
    rows = _first_seeds(pq.read_table(path, columns=columns, filters=here).to_pandas())
    path = folder / "alignments.parquet"
    maps = _first_seeds(pq.read_table(path, filters=here).to_pandas()) if path.exists() else None
    samples = [_sample(own, _alignments(maps, row), order) for row, own in rows.groupby("row")]
    return sorted(samples, key=lambda sample: (lengths[sample.row], sample.row))


def read_shown(folder: Path, order: list[str]) -> list[Sample]:
    """The sentences that the parameters name, in their order; otherwise as `read_samples`."""
    path = folder / "shown.parquet"
    if not path.exists():
        return []
    samples = []
    for row, own in _first_seeds(pd.read_parquet(path)).groupby("row"):
        maps = own.dropna(subset="weights") if "weights" in own else None
        sample = _sample(own, _alignments(maps, row), order)
        samples.append(dataclasses.replace(sample, row=-1 - sample.row, found=str(own["split"].iloc[0])))
    return samples


def _first_seeds(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each system those of its first seed."""
    return rows[rows["seed"] == rows.groupby("variant")["seed"].transform("min")]


def _sample(rows: pd.DataFrame, alignments: dict[str, Alignment], order: list[str]) -> Sample:
    """One sentence from the rows of all systems."""
    outputs = dict(zip(rows["variant"], rows["hypothesis"], strict=True))
    systems = [*order, *(name for name in outputs if name not in order)]
    first = rows.iloc[0]
    return Sample(
        row=int(first["row"]),
        source=str(first["source"]),
        references=[str(text) for text in first["references"]],
        outputs={name: str(outputs[name]) for name in systems if name in outputs},
        alignments={name: alignments[name] for name in order if name in alignments},
    )


def spread(lengths: dict[int, int], number: int) -> list[int]:
    """Rows at evenly spaced quantiles of length."""
    ranked = sorted(lengths, key=lambda row: (lengths[row], row))
    places = np.linspace(0.05, 0.95, number) * (len(ranked) - 1)
    return sorted({ranked[int(place)] for place in places.round()})


def _alignments(rows: pd.DataFrame | None, row: Any) -> dict[str, Alignment]:
    """Those of one sentence by variant; none of a sentence too long to read."""
    found = {}
    for own in [] if rows is None else rows[rows["row"] == row].to_dict("records"):
        source, target = list(own["source_tokens"]), list(own["target_tokens"])
        if target and max(len(source), len(target)) <= LONGEST_MAP:
            weights = np.asarray(own["weights"], dtype=np.float64).reshape(len(target), len(source))
            found[str(own["variant"])] = Alignment(_readable(source), _readable(target), weights)
    return found


def _readable(tokens: list[str]) -> list[str]:
    """Pieces of words marked where they continue one, instead of where one starts."""
    if not any(token.startswith(WORD_START) for token in tokens):
        return tokens
    return [
        token.removeprefix(WORD_START) or WORD_START if token.startswith(WORD_START) else f"·{token}"
        for token in tokens
    ]
