"""Scores of answers, whole and by how long ago what they ask for was read."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.metrics.score import Score

Numbers = npt.NDArray[np.float64]
Distances = npt.NDArray[np.int64]
Wanted = Literal["symbols", "numbers"]
METRIC: dict[str, str] = {"symbols": "accuracy", "numbers": "mse"}


def losses(answers: Numbers, targets: Numbers, wanted: Wanted) -> Numbers:
    """Of each answer: whether it is right, 1 or 0; or its squared error."""
    if wanted == "symbols":
        right: Numbers = np.equal(answers, targets).astype(np.float64)
        return right
    missed: Numbers = (answers - targets) ** 2
    return missed


def scores(answers: Numbers, targets: Numbers, wanted: Wanted) -> dict[str, Score]:
    """accuracy or mse over all that was asked."""
    name = METRIC[wanted]
    return {name: Score(float(losses(answers, targets, wanted).mean()), f"{name} over the steps that ask")}


def by_distance(answers: Numbers, targets: Numbers, distances: Distances, wanted: Wanted) -> pd.DataFrame:
    """low, high, asked, value: the mean over answers whose distance is low to high.

    The distances double from one row to the next: 1, 2, 3-4, 5-8, …
    """
    found = pd.DataFrame({"value": losses(answers, targets, wanted), "distance": distances})
    found["power"] = np.ceil(np.log2(found["distance"])).astype(int)
    rows = []
    for power, own in found.groupby("power"):
        low, high = 2 ** (int(power) - 1) + 1 if power else 1, 2 ** int(power)
        rows.append({"low": low, "high": high, "asked": len(own), "value": own["value"].mean()})
    return pd.DataFrame(rows)
