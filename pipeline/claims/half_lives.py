"""How far back a network remembers: from accuracies by distance to one number a run."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.claims.claim import Judgement, judged
from pipeline.claims.evidence import Check, Evidence, NotRun
from pipeline.claims.statistics import Comparison, log_ratio

UNIT = "doublings of the half-life"


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
    table = _by_distance(evidence, experiment)
    table = table[table["variant"] == variant]
    if table.empty:
        raise NotRun(f"experiment {experiment} has no variant {variant}")
    return [half_life(rows, chance) for _, rows in table.groupby("seed")]


@dataclass(frozen=True)
class Outlasts:
    """Does one variant of an experiment remember surely more than `limit` doublings longer than another?"""

    variant: str
    other: str
    limit: float
    label: str

    def compare(self, evidence: Evidence, experiment: str) -> Comparison | Check:
        """A check that these data can't tell where every seed of both remembers to the furthest distance that
        was tried: their ratio is unknown then, not one.

        Raises:
            NotRun: see `half_lives`.
        """
        own, others = (half_lives(evidence, experiment, name) for name in (self.variant, self.other))
        table = _by_distance(evidence, experiment)
        furthest = table.loc[table["high"].idxmax()]
        if min(*own, *others) < math.sqrt(furthest["low"] * furthest["high"]):
            return Comparison(self.label, UNIT, log_ratio(own, others), self.limit, self.limit)
        found = f"both remember the furthest distances, {furthest['low']:.0f} steps and more, in every seed"
        return Check(self.label, found, "a half-life inside the distances", None, needs="longer distances")


def outlasting(evidence: Evidence, experiment: str, wanted: Sequence[Outlasts]) -> Judgement:
    """Memories, corrected together.

    Raises:
        NotRun: see `half_lives`.
    """
    found = [one.compare(evidence, experiment) for one in wanted]
    return judged(
        [one for one in found if isinstance(one, Comparison)],
        [one for one in found if isinstance(one, Check)],
    )


def _by_distance(evidence: Evidence, experiment: str) -> pd.DataFrame:
    table = evidence.table(experiment, "by_distance")
    return table[table["split"] == table["split"].iloc[0]]
