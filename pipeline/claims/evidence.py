"""What the judges see: the files of results/PROFILE, and nothing else."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.claims.statistics import Estimate, difference, proportion_error
from pipeline.files import read_json
from pipeline.metrics.headline import gain

PROPORTIONS = {"classification": "accuracy", "transduction": "exact_match"}
"""Metrics that are a share of the split's rows."""
TEXT = ("variant", "role", "split", "metric", "a", "b", "claim", "check", "group", "bucket", "name")


class NotRun(Exception):
    """An experiment, variant or probe that a claim needs has no results in this profile."""


@dataclass(frozen=True)
class Check:
    """A property that was tried; `found` and `expected` as they are printed.

    `passed`: None where these data can't tell.
    """

    name: str
    found: str
    expected: str
    passed: bool | None


class Evidence:
    """Results of one profile.

    Args:
        results: results/PROFILE.
        experiments: names in the parameter file; results of others are not read.
    """

    def __init__(self, results: Path, experiments: list[str]) -> None:
        self._results, self._experiments = results, experiments
        self._tables: dict[Path, pd.DataFrame] = {}
        """What was read: judges ask for the same scores again and again."""

    def provenance(self, experiment: str) -> dict[str, Any]:
        """provenance.json of an experiment.

        Raises:
            NotRun: it has no results.
        """
        path = self._results / experiment / "provenance.json"
        if experiment not in self._experiments or not path.exists():
            raise NotRun(f"experiment {experiment} was not run")
        facts: dict[str, Any] = read_json(path)[0]
        return facts

    def variants(self, experiment: str) -> list[str]:
        """The experiment's variants, in the grid's order."""
        return list(self.provenance(experiment)["variants"])

    def values(self, experiment: str, variant: str, metric: str, split: str | None = None) -> list[float]:
        """One value per seed, or the single one of a baseline; of the headline split by default.

        Raises:
            NotRun: none is there.
        """
        rows = self.table(experiment, "scores")
        rows = rows[rows["split"] == (split or rows["split"].iloc[0])]
        rows = rows[(rows["variant"] == variant) & (rows["metric"] == metric)].sort_values("seed")
        if rows.empty:
            raise NotRun(f"experiment {experiment} has no {metric} of {variant}")
        return [float(value) for value in rows["value"]]

    def table(self, experiment: str, name: str) -> pd.DataFrame:
        """scores, summary, curves or one of tables/.

        Raises:
            NotRun: it is not there.
        """
        self.provenance(experiment)
        folder = self._results / experiment
        common = name in ("scores", "summary", "curves")
        path = folder / f"{name}.csv" if common else folder / "tables" / f"{name}.csv"
        if not path.exists():
            raise NotRun(f"experiment {experiment} has no table {name}")
        return self._read(path)

    def probe(self, name: str, table: str) -> pd.DataFrame:
        """A table that a probe wrote; `name`: KIND@EXPERIMENT, timing, divergence, or identities.

        Raises:
            NotRun: it is not there.
        """
        return self._read(self._probed(name, f"{table}.csv"))

    def probe_facts(self, name: str) -> dict[str, Any]:
        """provenance.json of a probe.

        Raises:
            NotRun: it is not there.
        """
        facts: dict[str, Any] = read_json(self._probed(name, "provenance.json"))[0]
        return facts

    def checks(self, claim: str) -> list[Check]:
        """The properties tried for a claim.

        Raises:
            NotRun: none was.
        """
        rows = self.probe("identities", "checks")
        rows = rows[rows["claim"] == claim]
        if rows.empty:
            raise NotRun(f"no check of {claim} was run")
        return [
            Check(str(row["check"]), str(row["found"]), str(row["expected"]), bool(row["passed"]))
            for row in rows.to_dict("records")
        ]

    def difference(self, experiment: str, a: str, b: str, metric: str, split: str | None = None) -> Estimate:
        """How much better `a` is than `b` on a metric, seeds and test items considered.

        Raises:
            NotRun: one of them has no results.
        """
        arms = [
            [gain(metric, value) for value in self.values(experiment, variant, metric, split)]
            for variant in (a, b)
        ]
        if max(map(len, arms)) < 2:
            raise NotRun(f"experiment {experiment} has one seed, which tells nothing of chance")
        error = self.item_error(experiment, a, b, metric, split)
        return difference(*arms, item_error=error)

    def item_error(
        self, experiment: str, a: str, b: str, metric: str, split: str | None = None
    ) -> float | None:
        """Standard error of a - b over test items: paired where evaluation wrote it, else of two shares."""
        try:
            rows = self.table(experiment, "paired")
        except NotRun:
            return self._unpaired(experiment, (a, b), metric, split)
        split = split or str(self.table(experiment, "scores")["split"].iloc[0])
        rows = rows[(rows["metric"] == metric) & (rows["split"] == split)]
        for one, other in ((a, b), (b, a)):
            found = rows[(rows["a"] == one) & (rows["b"] == other)]
            if len(found):
                return float(found["error"].iloc[0])
        return None

    def _probed(self, name: str, file: str) -> Path:
        path = self._results.joinpath("probes", *name.split("@"), file)
        if not path.exists():
            raise NotRun(f"probe {name} was not run")
        return path

    def _unpaired(
        self, experiment: str, arms: tuple[str, str], metric: str, split: str | None
    ) -> float | None:
        """Wider than the paired one; None where the metric is no share of rows."""
        facts = self.provenance(experiment)
        if PROPORTIONS.get(facts["task"]) != metric:
            return None
        split = split or str(self.table(experiment, "scores")["split"].iloc[0])
        record = read_json(self._results / "datasets" / f"{facts['dataset']}.json")[0]
        count = record["splits"][split]["rows"]
        errors = []
        for arm in arms:
            values = self.values(experiment, arm, metric, split)
            errors.append(proportion_error(sum(values) / len(values), count))
        return float(sum(error**2 for error in errors) ** 0.5)

    def _read(self, path: Path) -> pd.DataFrame:
        if path not in self._tables:
            texts = dict.fromkeys(TEXT, "str")
            self._tables[path] = pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=[""])
        return self._tables[path].copy()
