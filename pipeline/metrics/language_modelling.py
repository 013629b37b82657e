"""Perplexity: the number of words among which a model hesitates."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.metrics.score import Score

LogProbabilities = npt.NDArray[np.floating[Any]]
Index = npt.NDArray[np.int64]
EDGES = (1, 10, 100, 1000, 10_000)
"""Occurrences in training at which the classes of words begin."""


class Frequency(NamedTuple):
    """Tokens whose words occur `low` to `high` times in training; `high` is None in the last class."""

    bucket: str
    low: int
    high: int | None
    tokens: int
    perplexity: float


def perplexity(log_probabilities: LogProbabilities, *, types: int, read: str = "whole") -> Score:
    """
    Args:
        log_probabilities: of each token, in nats.
        types: words that the model chooses among, the unknown word and the end of line counted.
        read: how much of the text.
    """
    value = float(np.exp(-np.mean(log_probabilities, dtype=np.float64)))
    counted = f"per token, ends of lines counted|vocabulary of {types:,}, unknown word counted"
    return Score(value, f"exp of the mean of -ln p|{counted}|{read}, in running order")


def by_frequency(log_probabilities: LogProbabilities, counts: Index) -> Sequence[Frequency]:
    """Perplexity by how often a token's word stands in training; classes without tokens are left out.

    Args:
        counts: (n,) occurrences of each token's word.
    """
    found = []
    for low, end in zip((0, *EDGES), (*EDGES, None), strict=True):
        chosen = counts >= low if end is None else (counts >= low) & (counts < end)
        if chosen.any():
            high = None if end is None else end - 1
            value = float(np.exp(-np.mean(log_probabilities[chosen], dtype=np.float64)))
            found.append(Frequency(_name(low, high), low, high, int(chosen.sum()), value))
    return found


def _name(low: int, high: int | None) -> str:
    if high is None:
        return f"{low:,} or more"
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
