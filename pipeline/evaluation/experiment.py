"""Evaluates an experiment: every variant, seed and baseline, put together into predictions/ and results/."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.config.schema.params import Params
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.evaluation import unit as store
from pipeline.evaluation.paired import paired
from pipeline.evaluation.provenance import provenance, run_names
from pipeline.evaluation.tables import Tables
from pipeline.evaluation.unit import NO_SEED, Unit
from pipeline.evaluation.workers import evaluate_all
from pipeline.files import atomic_folder, sha256_of_file, write_json, write_text
from pipeline.metrics.intervals import t_interval

TEXTS = ("predictions", "alignments", "shown", "windows", "continuations", "pictures", "looks")
"""Tables that hold what the corpus does, or a row for each of thousands of windows: they stay in
predictions/."""
POINTS = 100
"""Most points of a curve that are kept in results/; the run's own file in models/ has all."""


@dataclass(frozen=True)
class Places:
    """Folders of one experiment."""

    models: Path
    dataset: Path
    predictions: Path
    results: Path

    @classmethod
    def of(cls, params: Params, key: str, root: Path = Path()) -> "Places":
        profile = params.profile
        return cls(
            models=root / "models" / profile / key,
            dataset=root / "data/prepared" / profile / params.experiments[key].dataset,
            predictions=root / "predictions" / profile / key,
            results=root / "results" / profile / key,
        )


def evaluate(params: Params, key: str, places: Places, *, tell: Callable[[str], None] = print) -> None:
    """Scores what isn't scored yet, and writes every file of predictions/ and results/ anew.

    Args:
        tell: gets one line per system scored now.

    Raises:
        UserError: a model or the dataset is missing, altered, or evaluated in vain.
    """
    dataset = PreparedDataset.open(places.dataset)
    headline = dataset.description["tests"][0]
    units = {unit.name: unit for unit in _units(params, key, places)}
    keys = {name: store.key_of(unit, dataset.digest) for name, unit in units.items()}
    waiting = {keys[name]: unit for name, unit in units.items() if not store.is_done(keys[name])}
    for done in evaluate_all(waiting, workers=params.execution.workers):
        tables, minutes = store.read(done)
        tell(f"{key} {waiting[done].name}: {_headline(tables['scores'], headline)} in {minutes * 60:.1f} s")
    found = {name: store.read(keys[name]) for name in units}
    merged = _merged({name: tables for name, (tables, _) in found.items()}, units)
    differences = paired(merged, dataset.description, params.experiments[key].task)
    if differences is not None:
        merged["paired"] = differences
    minutes = sum(minutes for _, minutes in found.values())
    facts = provenance(params, key, places.models, dataset_digest=dataset.digest, evaluate_minutes=minutes)
    _write_results(merged, facts, headline, places)
    _write_predictions(merged, places)


def _units(params: Params, key: str, places: Places) -> list[Unit]:
    """Variants and seeds in the grid's order, then baselines."""
    experiment = params.experiments[key]
    names: list[str] = list(getattr(experiment, "baselines", []))
    if both := set(names) & set(experiment.grid):
        raise UserError(
            f"experiments.{key}: {', '.join(both)} names a variant and a baseline; rename the variant"
        )
    decoding = getattr(experiment, "decoding", None)
    decoding = None if decoding is None else decoding.model_dump()
    common: dict[str, Any] = {"task": experiment.task, "dataset": places.dataset, "decoding": decoding}
    models = []
    for name in run_names(params, key):
        variant, _, seed = name.partition("/")
        folder = places.models / name / "bundle"
        if not (folder / "bundle.json").exists():
            raise UserError(f"{folder}: no bundle; run `dvc repro train@{key}`")
        models.append(Unit(variant=variant, role="model", seed=int(seed), bundle=folder, **common))
    baselines = [Unit(variant=name, role="baseline", seed=NO_SEED, bundle=None, **common) for name in names]
    return [*models, *baselines]


def _headline(scores: pd.DataFrame, split: str) -> str:
    rows = scores[scores["split"] == split]
    return f"{split} " + " ".join(f"{row.metric} {row.value:.4g}" for row in rows.itertuples())


def _merged(parts: Mapping[str, Tables], units: Mapping[str, Unit]) -> Tables:
    """Tables of all units, one below the other, led by the columns that say whose they are."""
    merged: dict[str, list[pd.DataFrame]] = {}
    for name, tables in parts.items():
        unit = units[name]
        for table, frame in tables.items():
            leading = {"variant": unit.variant, "seed": unit.seed, "split": frame["split"]}
            if table == "scores":
                leading = {
                    "variant": unit.variant,
                    "role": unit.role,
                    "seed": unit.seed,
                    "split": frame["split"],
                }
            columns = frame.drop(columns="split")
            merged.setdefault(table, []).append(pd.DataFrame(leading).join(columns))
    return {table: pd.concat(frames, ignore_index=True) for table, frames in merged.items()}


def summary(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean and 95 % interval over seeds of every variant, split and metric, in the scores' order."""
    rows = []
    for names, group in scores.groupby(["variant", "role", "split", "metric"], sort=False):
        interval = t_interval(group["value"].tolist())
        rows.append([*names, interval.mean, interval.low, interval.high, interval.n])
    return pd.DataFrame(rows, columns=["variant", "role", "split", "metric", "mean", "low", "high", "seeds"])


def _write_predictions(tables: Tables, places: Places) -> None:
    """With the digests of the tables in results/: the judge's own ledger lies there too, so that it can
    depend on predictions/ only."""
    digests = {
        str(path.relative_to(places.results)): sha256_of_file(path)
        for path in sorted(places.results.rglob("*.csv"))
    }
    with atomic_folder(places.predictions) as part:
        for name in TEXTS:
            if name in tables:
                tables[name].to_parquet(part / f"{name}.parquet", index=False)
        write_json(part / "results.json", digests)


def _write_results(tables: Tables, facts: dict[str, Any], headline: str, places: Places) -> None:
    """provenance.json last: without it there are no results."""
    means = summary(tables["scores"])
    (places.results / "provenance.json").unlink(missing_ok=True)
    _write_csv(places.results / "scores.csv", tables["scores"])
    _write_csv(places.results / "summary.csv", means)
    _write_csv(places.results / "curves.csv", curves(places.models, facts["signatures"]))
    with atomic_folder(places.results / "tables") as part:
        for name, table in tables.items():
            if name not in (*TEXTS, "scores"):
                _write_csv(part / f"{name}.csv", table)
    with atomic_folder(places.results / "metrics") as part:
        for variant, rows in means[means["split"] == headline].groupby("variant", sort=False):
            write_json(part / f"{variant}.json", _flat(rows))
    write_json(places.results / "provenance.json", [facts])


def curves(models: Path, names: Iterable[str]) -> pd.DataFrame:
    """Training curves of all runs, thinned to what a chart can show: results are committed."""
    frames = []
    for name in names:
        variant, _, seed = name.partition("/")
        frame = pd.read_csv(models / name / "curves.csv")
        place, count = (frame.groupby("metric")["step"].transform(how) for how in ("cumcount", "size"))
        every = -(-count // POINTS)
        # The last point of each metric stays.
        frame = frame[(count - 1 - place) % every == 0].reset_index(drop=True)
        frames.append(pd.DataFrame({"variant": variant, "seed": int(seed)}, index=frame.index).join(frame))
    return pd.concat(frames, ignore_index=True)


def _flat(rows: pd.DataFrame) -> dict[str, float]:
    """metric and metric_halfwidth, as `dvc metrics show` wants them."""
    numbers = {}
    for row in rows.itertuples():
        numbers[str(row.metric)] = round(row.mean, 6)
        if pd.notna(row.high):
            numbers[f"{row.metric}_halfwidth"] = round(row.high - row.mean, 6)
    return numbers


def _write_csv(path: Path, table: pd.DataFrame) -> None:
    write_text(path, table.to_csv(index=False, lineterminator="\n"))
