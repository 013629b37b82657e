"""What the page shows of one experiment: findings, tables, charts, samples, commands, ready for templates."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pipeline.config.schema import AnyExperiment, LabelledText, Translation
from pipeline.report import figures
from pipeline.report.findings import Finding, System, finding, systems
from pipeline.report.format import unique
from pipeline.report.load import Results, Study
from pipeline.report.metrics import METRICS, metric_of
from pipeline.report.samples import Sample, read_samples
from pipeline.report.sentences import Sentence, read_sentences
from pipeline.report.vega import Spec


@dataclass(frozen=True)
class Plot:
    """A chart and the id that ties it to its place on the page."""

    key: str
    title: str
    spec: Spec


Plots = dict[str, list[Plot]]
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Table:
    """Scores on one split; `metrics` are the columns."""

    split: str
    systems: list[System]
    metrics: list[str]


@dataclass(frozen=True)
class View:
    """One experiment; everything but `study`, `order` and `commands` is empty until it was run.

    `order`: the grid's variants, in the order of their colours. `signatures`: sacreBLEU's signature -> the
    metrics that carry it. `maps`: row -> variant -> heat map.
    """

    study: Study
    order: list[str]
    commands: list[tuple[str, str]]
    finding: Finding | None = None
    tables: list[Table] = field(default_factory=list)
    plots: Plots = field(default_factory=dict)
    signatures: dict[str, str] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    maps: dict[int, dict[str, Plot]] = field(default_factory=dict)

    @property
    def headline(self) -> str:
        return self.study.headline

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
    models = tables["summary"][tables["summary"]["role"] == "model"]["variant"]
    order = list(dict.fromkeys([*(name for name in study.experiment.grid if name in set(models)), *models]))
    scores = [_table(tables["summary"], split, order) for split in _splits(study)]
    samples, sentences = [], []
    if study.experiment.task == "translation":
        samples = read_samples(predictions, study.split, order)
    if study.experiment.task == "tagging":
        sentences = read_sentences(predictions, study.split, order)
    return View(
        study=study,
        order=order,
        commands=commands,
        finding=finding(scores[0].systems, study.headline),
        tables=scores,
        plots=_plots(study, study.results, scores[0], order),
        signatures=_signatures(tables["scores"]),
        samples=samples,
        sentences=sentences,
        maps={sample.row: _maps(study.name, sample) for sample in samples},
    )


def rerun_commands(name: str, experiment: AnyExperiment) -> list[tuple[str, str]]:
    """What a command does, and the command."""
    change = f"dvc exp run -S experiments.{name}"
    hidden = experiment.model.hidden
    commands = [
        ("run what is out of date", f"dvc repro evaluate@{name}"),
        (f"hidden size {2 * hidden} instead of {hidden}", f"{change}.model.hidden={2 * hidden}"),
        ("one more seed; the others are kept", f"{change}.seeds={experiment.seeds + 1}"),
    ]
    if isinstance(experiment, Translation):
        wider = 2 * experiment.decoding.beam
        commands.append((f"beam {wider}; nothing is trained again", f"{change}.decoding.beam={wider}"))
    return commands


def _splits(study: Study) -> list[str]:
    """Test splits in the dataset's order, then any other that was scored."""
    assert study.results
    scored = unique(study.results.tables["summary"]["split"])
    tests = [study.split, *(split for split in study.dataset.tests[1:] if split in scored)]
    return list(dict.fromkeys([*tests, *scored]))


def _table(summary: pd.DataFrame, split: str, order: list[str]) -> Table:
    found = systems(summary, split, order)
    present = unique(name for system in found for name in system.scores)
    known = [name for name in METRICS if name in present]
    return Table(split, found, known + [name for name in present if name not in METRICS])


def _signatures(scores: pd.DataFrame) -> dict[str, str]:
    signed = scores.dropna(subset="signature").groupby("signature", sort=False)
    return {
        str(signature): ", ".join(metric_of(metric).label for metric in unique(rows["metric"]))
        for signature, rows in signed
    }


def _plots(study: Study, results: Results, table: Table, order: list[str]) -> Plots:
    tables = {name: _of_split(frame, study.split) for name, frame in results.tables.items()}
    headline = study.headline
    seeds = tables["scores"][tables["scores"]["metric"] == headline]
    plots = {
        "ranking": [Plot(f"{study.name}-ranking", "Scores", figures.ranking(table.systems, seeds, headline))],
        "curves": _curves(study.name, tables["curves"], order),
    }
    own = {"classification": _classification, "translation": _translation, "tagging": _tagging}
    return plots | own[study.experiment.task](study, tables, table, order)


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


def _classification(study: Study, tables: Tables, table: Table, order: list[str]) -> Plots:
    assert isinstance(study.dataset, LabelledText)
    classes = study.dataset.classes
    counts = {str(name): rows for name, rows in tables["confusion"].groupby("variant")}
    matrices = [
        Plot(f"{study.name}-confusion-{name}", name, figures.confusion(counts[name], classes, name))
        for name in (system.name for system in table.systems)
        if name in counts
    ]
    bins = tables["calibration"]
    bins = bins[bins["variant"].isin(order)]
    reliability = [Plot(f"{study.name}-reliability", "Reliability", figures.reliability(bins, order))]
    return {"confusion": matrices, "reliability": reliability if len(bins) else []}


def _translation(study: Study, tables: Tables, table: Table, order: list[str]) -> Plots:
    lengths = figures.bleu_by_length(tables["bleu_by_length"], order)
    plots = {"lengths": [Plot(f"{study.name}-lengths", "BLEU by length", lengths)]}
    if any("bleu_greedy" in system.scores for system in table.systems):
        plots["search"] = [
            Plot(f"{study.name}-search", "Greedy and beam search", figures.greedy_against_beam(table.systems))
        ]
    return plots


def _tagging(study: Study, tables: Tables, table: Table, order: list[str]) -> Plots:
    chart = figures.by_tag(tables["by_tag"], [system.name for system in table.systems], order)
    return {"by_tag": [Plot(f"{study.name}-by-tag", "F1 by tag", chart)]}


def _maps(name: str, sample: Sample) -> dict[str, Plot]:
    return {
        variant: Plot(f"{name}-map-{sample.row}-{variant}", variant, figures.heat_map(alignment, variant))
        for variant, alignment in sample.alignments.items()
    }
