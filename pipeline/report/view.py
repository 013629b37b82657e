"""What the page shows of one experiment: findings, tables, charts, samples, commands, ready for templates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.config.schema.imputation import Imputation
from pipeline.config.schema.params import AnyExperiment
from pipeline.report import figures
from pipeline.report.findings import Finding, System, finding, systems
from pipeline.report.format import unique
from pipeline.report.load import Study
from pipeline.report.metrics import METRICS, is_detail, metric_of
from pipeline.report.tasks import (
    algorithmic,
    captioning,
    classification,
    forecasting,
    imputation,
    language_modelling,
    rating,
    tagging,
    transcription,
    transduction,
    translation,
)
from pipeline.report.tasks.part import Scored
from pipeline.report.vega import Plot, Plots

PARTS = {
    "classification": classification.part,
    "translation": translation.part,
    "tagging": tagging.part,
    "forecasting": forecasting.part,
    "algorithmic": algorithmic.part,
    "transduction": transduction.part,
    "rating": rating.part,
    "language_modelling": language_modelling.part,
    "captioning": captioning.part,
    "transcription": transcription.part,
    "imputation": imputation.part,
}


@dataclass(frozen=True)
class Table:
    """Scores on one split; `metrics` are the columns."""

    split: str
    systems: list[System]
    metrics: list[str]


@dataclass(frozen=True)
class View:
    """One experiment; everything but `study`, `order` and `commands` is empty until it was run.

    `order`: the grid's variants, in the order of their colours. `signatures`: a scorer's signature -> the
    metrics that carry it. `samples`: test sentences, as the task's template shows them. `maps`: row ->
    variant -> heat map. `more`: what else that template shows.
    """

    study: Study
    order: list[str]
    commands: list[tuple[str, str]]
    finding: Finding | None = None
    tables: list[Table] = field(default_factory=list)
    plots: Plots = field(default_factory=dict)
    signatures: dict[str, str] = field(default_factory=dict)
    samples: Sequence[Any] = ()
    maps: dict[int, dict[str, Plot]] = field(default_factory=dict)
    more: Sequence[Any] = ()

    @property
    def headline(self) -> str:
        return self.study.headline

    @property
    def trials(self) -> list[dict[str, Any]]:
        """Learning rates tried; none where the parameters name one."""
        return list(self.study.results.provenance.get("trials", [])) if self.study.results else []

    @property
    def leading(self) -> System | None:
        """The best variant's row on the split that ranks."""
        if not self.finding:
            return None
        ranked = self.tables[0].systems
        return next((one for one in ranked if not one.baseline and one.name == self.finding.best), None)


def view_of(study: Study, predictions: Path) -> View:
    """Charts and tables of one experiment; samples where `predictions` (of this experiment) exists."""
    commands = rerun_commands(study.name, study.experiment)
    if not study.results:
        return View(study, list(study.experiment.grid), commands)
    tables = study.results.tables
    order = scored_variants(study.experiment, tables["summary"])
    first, *others = score_tables(study, tables["summary"])
    scores = [_plain(first), *others]
    rivals = scores[0].systems
    if isinstance(study.experiment, Imputation):
        rivals = imputation.comparable(study.experiment, rivals)
    found = finding(rivals, study.headline)
    own = {name: _of_split(frame, study.split) for name, frame in tables.items()}
    part = PARTS[study.experiment.task](Scored(study, own, scores[0].systems, order, found.best, predictions))
    return View(
        study=study,
        order=order,
        commands=commands,
        finding=found,
        tables=scores,
        plots=_plots(study, own, scores[0], order) | part.plots,
        signatures=_signatures(tables["scores"]),
        samples=part.samples,
        maps=part.maps,
        more=part.more,
    )


def scored_variants(experiment: AnyExperiment, summary: pd.DataFrame) -> list[str]:
    """The grid's variants that have scores, in its order, then those that it no longer has."""
    models = summary[summary["role"] == "model"]["variant"]
    return list(dict.fromkeys([*(name for name in experiment.grid if name in set(models)), *models]))


def score_tables(study: Study, summary: pd.DataFrame) -> list[Table]:
    """One for each split that was scored: the tests in the dataset's order, then any other."""
    order = scored_variants(study.experiment, summary)
    return [_table(summary, split, order) for split in _splits(study, summary)]


SIZES = {"hidden": "hidden units", "parameters": "parameters"}


def rerun_commands(name: str, experiment: AnyExperiment) -> list[tuple[str, str]]:
    """What a command does, and the command."""
    change = f"dvc exp run -S experiments.{name}"
    size = "parameters" if experiment.model.hidden == "auto" else "hidden"
    value = getattr(experiment.model, size)
    commands = [
        ("run what is out of date", f"dvc repro evaluate@{name}"),
        (f"{2 * value} {SIZES[size]} instead of {value}", f"{change}.model.{size}={2 * value}"),
        ("one more seed; the others are kept", f"{change}.seeds={experiment.seeds + 1}"),
    ]
    if decoding := getattr(experiment, "decoding", None):
        wider = 2 * decoding.beam
        commands.append((f"beam {wider}; nothing is trained again", f"{change}.decoding.beam={wider}"))
    return commands


def _splits(study: Study, summary: pd.DataFrame) -> list[str]:
    scored = unique(summary["split"])
    tests = [study.split, *(split for split in study.dataset.tests[1:] if split in scored)]
    return list(dict.fromkeys([*tests, *scored]))


def _table(summary: pd.DataFrame, split: str, order: list[str]) -> Table:
    found = systems(summary, split, order)
    present = unique(name for system in found for name in system.scores)
    known = [name for name in METRICS if name in present]
    return Table(split, found, known + [name for name in present if name not in METRICS])


def _plain(table: Table) -> Table:
    """Without the metrics that the task's own section shows."""
    return Table(table.split, table.systems, [name for name in table.metrics if not is_detail(name)])


def _signatures(scores: pd.DataFrame) -> dict[str, str]:
    signed = scores.dropna(subset="signature").groupby("signature", sort=False)
    return {
        str(signature): ", ".join(dict.fromkeys(metric_of(metric).label for metric in unique(rows["metric"])))
        for signature, rows in signed
    }


def _plots(study: Study, tables: dict[str, pd.DataFrame], table: Table, order: list[str]) -> Plots:
    seeds = tables["scores"][tables["scores"]["metric"] == study.headline]
    ranking = figures.ranking(table.systems, seeds, study.headline)
    return {
        "ranking": [Plot(f"{study.name}-ranking", "Scores", ranking)],
        "curves": _curves(study.name, tables["curves"], order),
    }


def _of_split(frame: pd.DataFrame, split: str) -> pd.DataFrame:
    return frame[frame["split"] == split] if "split" in frame else frame


def _curves(name: str, frame: pd.DataFrame, order: list[str]) -> list[Plot]:
    wanted = [
        ("train_loss", "step", "Training loss"),
        ("validation_loss", "epoch", "Validation loss"),
        ("validation_score", "epoch", "Validation score"),
    ]
    found = {metric: rows for metric, rows in frame.groupby("metric")}
    return [
        Plot(f"{name}-{metric}", title, figures.curves(found[metric], axis, title, order))
        for metric, axis, title in wanted
        if metric in found
    ]
