"""Which trainings diverge, as the probe `divergence` has seen it."""

from collections.abc import Iterable

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from pipeline.claims.claim import Figure, Judgement, Line, Point, judged
from pipeline.claims.evidence import Evidence
from pipeline.claims.statistics import CONFIDENCE, Comparison, Estimate, mean

DECIDES = "relu"
"""Nothing holds its states and derivatives down where they grow; a tanh saturates."""
NAMES = {"relu": "ReLU", "tanh": "tanh"}
CLIPPED = {"off": "", "on": ", clipped"}
UNIT = "points of runs that diverge"


def diverges(evidence: Evidence) -> Judgement:
    """Do more runs diverge above a spectral radius of 1 than below, and fewer of them with clipping?"""
    runs, facts = evidence.probe("divergence", "runs"), evidence.probe_facts("divergence")
    runs = runs.assign(side=runs["radius"].map(_side))
    own = runs[runs["activation"] == DECIDES]
    shares = own.groupby(["clipping", "side", "seed"])["diverged"].mean()
    above = shares["off", "above 1"]
    comparisons = [
        Comparison(label, UNIT, paired(100 * (above - less)), 0, 0)
        for label, less in (
            (f"{NAMES[DECIDES]}, no clipping: radius above 1 less below", shares["off", "below 1"]),
            (f"{NAMES[DECIDES]}, radius above 1: no clipping less clipping", shares["on", "above 1"]),
        )
    ]
    settings = facts["settings"]
    remarks = [
        *(_counted(rows, NAMES[str(name)]) for name, rows in runs.groupby("activation")),
        f"the adding problem over {settings['distance']} steps, {settings['updates']} updates of plain SGD "
        f"at rate {settings['learning_rate']:g}, clipping to norm {settings['clip_norm']:g}; diverged: a "
        f"loss above {facts['worst']:.2f} at the end, or none that is a number",
    ]
    return judged(comparisons, figure=_figure(runs), remarks=remarks)


def paired(differences: Iterable[float]) -> Estimate:
    """Mean over seeds of differences of shares, in points, each from -100 to 100.

    Two made-up seeds that say the one and the other extreme are added, without which seeds that all agree
    would leave no room for chance (Bonett & Price 2012, adjusted Wald interval of paired proportions).
    """
    return mean([*differences, 100.0, -100.0])


def _side(radius: float) -> str:
    return "below 1" if radius < 1 else "above 1" if radius > 1 else "of 1"


def _counted(runs: pd.DataFrame, name: str) -> str:
    """Of one activation: how many diverge on each side of 1, and how large gradients become unclipped."""
    parts = []
    for side, rows in runs.groupby("side", sort=False):
        off, on = (rows[rows["clipping"] == clipping]["diverged"] for clipping in ("off", "on"))
        parts.append(f"{off.sum()} of {len(off)} at a radius {side} ({on.sum()} with clipping)")
    free = runs[runs["clipping"] == "off"].groupby("radius")["gradient"].median()
    grown = " and ".join(f"{free[radius]:.3g} at {radius:g}" for radius in (free.index[0], free.index[-1]))
    return f"{name}: diverged {', '.join(parts)}; largest gradient without clipping, median of runs: {grown}"


def _figure(runs: pd.DataFrame) -> Figure:
    lines = []
    for (activation, clipping), own in runs.groupby(["activation", "clipping"], sort=False):
        points: list[Point] = []
        for radius, rows in own.groupby("radius"):
            diverged, count = int(rows["diverged"].sum()), len(rows)
            low, high = proportion_confint(diverged, count, alpha=1 - CONFIDENCE, method="wilson")
            # Of none or all, the end is off by a rounding.
            share = diverged / count
            points.append((float(radius), share, min(float(low), share), max(float(high), share)))
        lines.append(Line(f"{NAMES[str(activation)]}{CLIPPED[str(clipping)]}", points))
    return Figure("spectral radius at the start", "share of runs that diverge", lines)
