"""What train and evaluate left on disk about one experiment: all that MLflow is told comes from here."""

import csv
import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from pipeline.errors import UserError
from pipeline.files import read_json, sha256_of_file, sha256_of_json
from pipeline.metrics.headline import headline

STABLE = ("parameters_digest", "code_digest", "dataset_digest", "signatures", "variants")
"""What of the provenance makes an evaluation another one; commit, time, machine and minutes don't."""


class CurvePoint(NamedTuple):
    """One measurement of a training."""

    step: int
    epoch: float
    metric: str
    value: float


@dataclass(frozen=True)
class SeedResult:
    """One trained and scored run."""

    variant: str
    seed: int
    run: dict[str, Any]
    """run.json"""
    timing: dict[str, Any]
    """timing.json"""
    folder: Path
    metrics: dict[str, float]
    """SPLIT/METRIC -> value"""

    @property
    def name(self) -> str:
        return f"{self.variant}/{self.seed}"

    @property
    def signature(self) -> str:
        return str(self.run["signature"])

    @property
    def bundle(self) -> Path:
        return self.folder / "bundle"

    @property
    def description(self) -> dict[str, Any]:
        """The bundle's own"""
        return dict(read_json(self.bundle / "bundle.json")["description"])

    @property
    def answers(self) -> bool:
        """Whether the bundle is of use: one that learned to tell what it has read already is not."""
        return bool(self.run["parameters"]["data"].get("asked") != "next")

    def curves(self) -> list[CurvePoint]:
        """curves.csv"""
        with (self.folder / "curves.csv").open(encoding="utf-8", newline="") as file:
            return [
                CurvePoint(int(row["step"]), float(row["epoch"]), row["metric"], float(row["value"]))
                for row in csv.DictReader(file)
            ]


@dataclass(frozen=True)
class ExperimentResult:
    """One evaluated experiment."""

    profile: str
    name: str
    facts: dict[str, Any]
    """The one entry of provenance.json"""
    summary: pd.DataFrame
    """variant, role, split, metric, mean, low, high, seeds"""
    root: Path
    seeds: list[SeedResult]
    digest: str
    """Of scores and of what they were made from: equal for an evaluation that was repeated."""

    @property
    def folder(self) -> Path:
        return self.root / "results" / self.profile / self.name

    @property
    def predictions(self) -> Path:
        return self.root / "predictions" / self.profile / self.name

    @property
    def prepared(self) -> Path:
        return self.root / "data/prepared" / self.profile / str(self.facts["dataset"])

    @property
    def time(self) -> datetime.datetime:
        return datetime.datetime.fromisoformat(self.facts["time"])

    @property
    def headline(self) -> str:
        """SPLIT/METRIC that the experiment is read by."""
        metric = headline(self.facts["task"], set(self.summary["metric"]))
        return f"{self.summary['split'].iloc[0]}/{metric}"

    def means(self, variant: str) -> pd.DataFrame:
        """A variant's rows of the summary, indexed by SPLIT/METRIC."""
        rows = self.summary[self.summary["variant"] == variant]
        return rows.set_index(rows["split"] + "/" + rows["metric"])

    def best_seed(self, variant: str) -> SeedResult | None:
        """The variant's run with the best validation score; None for a baseline."""
        seeds = [seed for seed in self.seeds if seed.variant == variant]
        return max(seeds, key=lambda seed: seed.run["best_score"], default=None)


def read_experiment(root: Path, profile: str, name: str) -> ExperimentResult:
    """Reads results/, models/ and the place of predictions/ of one experiment below `root`.

    Raises:
        UserError: a file is missing, or models are not those that were evaluated.
    """
    results, models = root / "results" / profile / name, root / "models" / profile / name
    facts = _json(results / "provenance.json")[0]
    scores = _csv(results / "scores.csv")
    by_run = {
        key: dict(zip(rows["split"] + "/" + rows["metric"], rows["value"], strict=True))
        for key, rows in scores.groupby(["variant", "seed"])
    }
    seeds = []
    for place, signature in facts["signatures"].items():
        variant, _, seed = place.rpartition("/")
        folder = models / place
        run = _json(folder / "run.json")
        if run["signature"] != signature:
            raise UserError(f"{folder}: is not the model that {results} scored; `dvc repro` evaluates it")
        metrics = by_run.get((variant, int(seed)), {})
        seeds.append(SeedResult(variant, int(seed), run, _json(folder / "timing.json"), folder, metrics))
    return ExperimentResult(
        profile=profile,
        name=name,
        facts=facts,
        summary=_csv(results / "summary.csv"),
        root=root,
        seeds=seeds,
        digest=sha256_of_json([sha256_of_file(results / "scores.csv"), *(facts[key] for key in STABLE)]),
    )


def _json(path: Path) -> Any:
    return read_json(_there(path))


def _csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(_there(path))


def _there(path: Path) -> Path:
    if not path.exists():
        raise UserError(f"register: {path} is missing; `dvc repro` makes it")
    return path
