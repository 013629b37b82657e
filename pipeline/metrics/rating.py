"""How far ratings are from those given."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score, mean_absolute_error

from pipeline.metrics.score import Score

Ratings = npt.NDArray[np.floating[Any]]
Levels = npt.NDArray[np.int64]


def nearest(stars: Ratings, levels: Sequence[int]) -> Levels:
    """The level nearest to each number, the lower one of two, (N,)."""
    known = np.asarray(levels)
    found: Levels = known[np.abs(stars[:, None] - known).argmin(1)]
    return found


def scores(stars: Ratings, given: Levels, levels: Sequence[int]) -> dict[str, Score]:
    """mae: mean absolute error, in the levels' unit. kappa: quadratic weighted kappa of the levels nearest to
    `stars` (Cohen 1968), by the levels' own distances. spearman: rank correlation.

    Numbers that are all equal rank nothing, so spearman is left out for them.

    Args:
        stars: (N,)
        given: (N,) from `levels`.
    """
    every = range(levels[0], levels[-1] + 1)
    sklearn, scipy = (f"{name} {version(name)}" for name in ("scikit-learn", "scipy"))
    kappa = cohen_kappa_score(given, nearest(stars, levels), labels=list(every), weights="quadratic")
    found = {
        "mae": Score(float(mean_absolute_error(given, stars)), f"mean_absolute_error|{sklearn}"),
        "kappa": Score(float(kappa), f"cohen_kappa_score(weights=quadratic)|{sklearn}"),
    }
    if np.ptp(stars) > 0 and np.ptp(given) > 0:
        found["spearman"] = Score(float(spearmanr(stars, given).statistic), f"spearmanr|{scipy}")
    return found
