"""Scores of every experiment as Markdown, for docs/results.md."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.report.findings import Score, System
from pipeline.report.format import minutes
from pipeline.report.load import Study
from pipeline.report.metrics import is_detail, metric_of
from pipeline.report.view import Table, score_tables

HEAD = """# Scores

Every experiment of `params.yaml` as `results/full/` has it; `make ledger` writes this page. Means over
seeds with their 95 % t interval; a variant's changes stand beside its name, baselines in *italics*.
Minutes are those of all runs together, some of which had other work beside them. Validation, by which
things were chosen, is left out. What the scores say is in [findings.md](findings.md), what they decide
in [ledger.md](ledger.md); curves, samples and scores by length, tag, hour or distance are in the report.
"""
MOST_DECIMALS = 6


def in_markdown(studies: Sequence[Study]) -> str:
    """The page; the same results give the same text."""
    parts = [HEAD]
    for study in studies:
        parts += _section(study)
    return "\n".join(parts)


def _section(study: Study) -> list[str]:
    parts = [f"## {study.experiment.question}", ""]
    if not study.results:
        return [*parts, f"`{study.name}`: not run.", ""]
    facts = study.results.provenance
    told = [
        f"`{study.name}` ({study.experiment.task.replace('_', ' ')})",
        f"{facts['corpus']}, {'generated' if study.embedded else 'real'}",
        f"{facts['seeds']} seeds",
        f"{minutes(facts['minutes']['train'])} of training",
        *(f"**{mark}**" for mark in study.marks),
    ]
    parts += [" · ".join(told), ""]
    if trials := facts.get("trials"):
        seeds = f"{trials[0]['seeds']} seed{'s' if trials[0]['seeds'] > 1 else ''}"
        parts += [f"Learning rates, the best on validation ({seeds}): {_rates(trials)}.", ""]
    for table in score_tables(study, study.results.tables["summary"]):
        if table.split != "validation":
            parts += [*_table(table, study), ""]
    return parts


def _rates(trials: Sequence[Mapping[str, Any]]) -> str:
    """Each variant's, and what it was chosen from."""
    tried: dict[str, list[str]] = {}
    chosen = {trial["variant"]: f"{trial['learning_rate']:g}" for trial in trials if trial["chosen"]}
    for trial in trials:
        tried.setdefault(trial["variant"], []).append(f"{trial['learning_rate']:g}")
    if len({tuple(rates) for rates in tried.values()}) == 1:
        told = ", ".join(f"{name} {rate}" for name, rate in chosen.items())
        return f"{told} (of {', '.join(next(iter(tried.values())))})"
    return ", ".join(f"{name} {rate} (of {', '.join(tried[name])})" for name, rate in chosen.items())


def _table(table: Table, study: Study) -> list[str]:
    metrics = [name for name in table.metrics if not is_detail(name) or _is_told(name, study)]
    labels = [metric_of(name).label for name in metrics]
    rows = [f"| {table.split} | {' | '.join(labels)} |", f"|---|{'---|' * len(metrics)}"]
    for system in table.systems:
        cells = [cell(metric, system.scores.get(metric)) for metric in metrics]
        rows.append(f"| {_name(system, study)} | {' | '.join(cells)} |")
    return rows


def _name(system: System, study: Study) -> str:
    """A baseline in italics, a variant with the settings that it changes."""
    if system.baseline:
        return f"*{system.name}*"
    changes = ", ".join(_leaves(study.experiment.grid.get(system.name, {})))
    return f"{system.name} <sub>{changes}</sub>" if changes else system.name


def _leaves(changes: Mapping[str, Any]) -> Iterator[str]:
    """Settings that a variant changes, by their last name; rates to choose from aren't one."""
    for name, value in changes.items():
        if isinstance(value, Mapping):
            yield from _leaves(value)
        elif name != "learning_rate" or not isinstance(value, Sequence):
            yield f"{name} {'none' if value is None else value}"


def _is_told(metric: str, study: Study) -> bool:
    """Of the details, the errors by horizon."""
    return study.experiment.task == "forecasting" and metric.startswith("mse_")


def cell(metric: str, score: Score | None) -> str:
    """A score with its interval; decimals of the page, and more where they would hide the spread."""
    if score is None:
        return ""
    half = 0.0 if score.low is None or score.high is None else (score.high - score.low) / 2
    least = half or abs(score.mean) / 10
    needed = -math.floor(math.log10(least)) if least else 0
    digits = min(max(metric_of(metric).decimals, needed), MOST_DECIMALS)
    told = f"{score.mean:.{digits}f}"
    if score.low is not None and score.high is not None:
        told += f" ({score.low:.{digits}f} to {score.high:.{digits}f})"
    return told
