"""How far back a network remembers: from accuracies by distance to one number a run."""

import itertools
import math

import pandas as pd

from pipeline.claims.evidence import Evidence, NotRun


def half_life(rows: pd.DataFrame, chance: float) -> float:
    """Furthest distance at which accuracy falls half-way to chance, interpolated on a logarithmic axis.

    Args:
        rows: of one run: low, high (distances, both ends included) and value (accuracy).

    Returns:
        the first or last distance where accuracy is lower or higher all along.
    """
    level = (1 + chance) / 2
    points = sorted(
        (math.sqrt(row.low * row.high), float(row.value))
        for row in rows.itertuples()
        if row.value == row.value
    )
    # The last fall counts: one distance that is answered badly, a rare one say, doesn't end a memory.
    for (near, high), (far, low) in reversed(list(itertools.pairwise(points))):
        if low >= level:
            return far
        if high >= level:
            share = (high - level) / (high - low)
            return math.exp(math.log(near) + share * (math.log(far) - math.log(near)))
    return points[0][0]


def half_lives(evidence: Evidence, experiment: str, variant: str) -> list[float]:
    """Of every seed; chance is the experiment's baseline.

    Raises:
        NotRun: the experiment or variant has no results.
    """
    chance = evidence.values(experiment, "chance", "accuracy")[0]
    table = evidence.table(experiment, "by_distance")
    table = table[(table["split"] == table["split"].iloc[0]) & (table["variant"] == variant)]
    if table.empty:
        raise NotRun(f"experiment {experiment} has no variant {variant}")
    return [half_life(rows, chance) for _, rows in table.groupby("seed")]
