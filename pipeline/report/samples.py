"""Sample translations and alignments from predictions/, which hold corpus text and may be absent."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
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
    """One test sentence with every variant's output, and alignments of the variants that attend."""

    row: int
    source: str
    references: list[str]
    outputs: dict[str, str]
    alignments: dict[str, Alignment]


def read_samples(folder: Path, split: str, order: list[str]) -> list[Sample]:
    """Sentences at evenly spaced quantiles of source length: chosen by length alone, not by result.

    Args:
        folder: predictions/PROFILE/EXPERIMENT; without it there are no samples.
        order: variants as the page lists them.
    """
    path = folder / "predictions.parquet"
    if not path.exists():
        return []
    here: list[tuple[str, str, Any]] = [("split", "=", split)]
    index = pq.read_table(path, columns=["seed", "row", "source"], filters=here).to_pandas()
    if index.empty:
        return []
    seed = int(index["seed"].min())
    sentences = index.drop_duplicates("row").set_index("row")["source"]
    lengths = {row: len(text.split()) for row, text in sentences.items()}
    here += [("seed", "=", seed), ("row", "in", spread(lengths, SENTENCES))]
    columns = ["variant", "row", "source", "hypothesis", "references"]
    rows = pq.read_table(path, columns=columns, filters=here).to_pandas()
    alignments = _read_alignments(folder / "alignments.parquet", here)
    samples = []
    for row in sorted(set(rows["row"]), key=lambda row: (lengths[row], row)):
        own = rows[rows["row"] == row].set_index("variant")
        samples.append(
            Sample(
                row=int(row),
                source=str(own["source"].iloc[0]),
                references=[str(text) for text in own["references"].iloc[0]],
                outputs={name: str(own["hypothesis"][name]) for name in order if name in own.index},
                alignments={name: alignments[row, name] for name in order if (row, name) in alignments},
            )
        )
    return samples


def spread(lengths: dict[int, int], number: int) -> list[int]:
    """Rows at evenly spaced quantiles of length."""
    ranked = sorted(lengths, key=lambda row: (lengths[row], row))
    places = np.linspace(0.05, 0.95, number) * (len(ranked) - 1)
    return sorted({ranked[int(place)] for place in places.round()})


def _read_alignments(path: Path, here: list[tuple[str, str, Any]]) -> dict[tuple[int, str], Alignment]:
    if not path.exists():
        return {}
    found = {}
    for row in pq.read_table(path, filters=here).to_pylist():
        source, target = row["source_tokens"], row["target_tokens"]
        if target and max(len(source), len(target)) <= LONGEST_MAP:
            weights = np.asarray(row["weights"], dtype=np.float64).reshape(len(target), len(source))
            found[row["row"], row["variant"]] = Alignment(_readable(source), _readable(target), weights)
    return found


def _readable(tokens: list[str]) -> list[str]:
    """Pieces of words marked where they continue one, instead of where one starts."""
    if not any(token.startswith(WORD_START) for token in tokens):
        return tokens
    return [
        token.removeprefix(WORD_START) or WORD_START if token.startswith(WORD_START) else f"·{token}"
        for token in tokens
    ]
