"""What an experiment's summary says in a sentence: which variant leads, and whether the seeds can tell."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.metrics.headline import LOWER_IS_BETTER, gain
from pipeline.report.metrics import metric_of


@dataclass(frozen=True)
class Score:
    """Mean over seeds with its 95 % interval (None with one seed)."""

    mean: float
    low: float | None
    high: float | None
    seeds: int


@dataclass(frozen=True)
class System:
    """A row of the results table: a variant or a baseline, and its score by metric."""

    name: str
    baseline: bool
    scores: dict[str, Score]


@dataclass(frozen=True)
class Finding:
    """`best` is None without a scored variant; `rivals` are not told apart from it by these seeds."""

    best: str | None
    rivals: tuple[str, ...]
    rank: str
    """What may be said of the best in a word or two."""
    sentences: tuple[str, ...]


def systems(summary: pd.DataFrame, split: str, order: list[str]) -> list[System]:
    """The split's rows: variants in `order`, then those the grid no longer has, then baselines."""
    rows = summary[summary["split"] == split]
    names = list(dict.fromkeys([*order, *rows["variant"]]))
    found = []
    for role in ("model", "baseline"):
        for name in names:
            own = rows[(rows["variant"] == name) & (rows["role"] == role)]
            if len(own):
                scores = {str(row["metric"]): _score(row) for row in own.to_dict("records")}
                found.append(System(name, role == "baseline", scores))
    return found


def finding(found: list[System], headline: str) -> Finding:
    """Ranks by the headline metric; says so when intervals overlap, and when a baseline wins."""
    scored = [system for system in found if headline in system.scores]
    models = {system.name: system.scores[headline] for system in scored if not system.baseline}
    baselines = {system.name: system.scores[headline] for system in scored if system.baseline}
    if not models:
        return Finding(None, (), "", ("No variant has a score on this split.",))
    lower = headline in LOWER_IS_BETTER
    best = max(models, key=lambda name: gain(headline, models[name].mean))
    label, digits = metric_of(headline).label, metric_of(headline).decimals
    top = models[best]
    leads = f"{best} has the {'lowest' if lower else 'highest'} {label}: {top.mean:.{digits}f}"
    if top.low is not None:
        leads += f" (95 % interval {top.low:.{digits}f} to {top.high:.{digits}f}, {top.seeds} seeds)"
    sentences = [f"{leads}."]
    rivals = tuple(name for name in models if name != best and _overlap(models[best], models[name]))
    if len(models) > 1:
        sentences.append(_separation(best, models, rivals))
    if baselines:
        strongest = max(baselines, key=lambda name: gain(headline, baselines[name].mean))
        sentences.append(_against(strongest, baselines[strongest].mean, models, digits, lower=lower))
    rank = f"best, not apart from {_listed(rivals)}" if rivals else "best"
    return Finding(best, rivals, rank if top.low is not None else "best of one seed", tuple(sentences))


def _score(row: dict[str, Any]) -> Score:
    lowest, highest = metric_of(row["metric"]).bounds
    low = None if pd.isna(row["low"]) else max(float(row["low"]), lowest)
    high = None if pd.isna(row["high"]) else min(float(row["high"]), highest)
    return Score(float(row["mean"]), low, high, int(row["seeds"]))


def _overlap(one: Score, other: Score) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low <= other.high and other.low <= one.high


def _separation(best: str, models: dict[str, Score], rivals: tuple[str, ...]) -> str:
    if any(score.low is None for score in models.values()):
        return "With one seed there is no interval, so the order may be chance."
    if rivals:
        return f"Its interval overlaps that of {_listed(rivals)}: these seeds do not tell them apart."
    return f"Its interval overlaps no other: {best} is ahead for these seeds."


def _against(name: str, value: float, models: dict[str, Score], digits: int, *, lower: bool) -> str:
    side = "below" if lower else "above"
    beaten = [
        model for model, score in models.items() if (score.mean > value if lower else score.mean < value)
    ]
    if not beaten:
        return f"Every variant is {side} the best baseline, {name} ({value:.{digits}f})."
    if len(beaten) == len(models):
        return f"The baseline {name} ({value:.{digits}f}) is {side} every variant."
    return f"The baseline {name} ({value:.{digits}f}) is {side} {_listed(beaten)}."


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
