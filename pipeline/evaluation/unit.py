"""One system to evaluate, trained or baseline, and the store where its tables are found again.

`.unrolled/evaluations/KEY` lies outside DVC's outputs: adding a seed evaluates that seed only.
"""

import importlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import torch

from pipeline.bundle.load import Bundle, load
from pipeline.code import code_digest
from pipeline.data.store import PreparedDataset
from pipeline.evaluation.tables import Tables
from pipeline.files import atomic_folder, read_json, sha256_of_file, sha256_of_json, write_json

STORE = Path(".unrolled/evaluations")
NO_SEED = -1
"""Seed of a baseline."""


@dataclass(frozen=True)
class Unit:
    """One variant and seed, or one baseline.

    `bundle`: folder of the trained model; None for a baseline.
    `decoding`: how translations are searched; None where nothing is.
    """

    task: str
    variant: str
    role: Literal["model", "baseline"]
    seed: int
    bundle: Path | None
    dataset: Path
    decoding: dict[str, Any] | None

    @property
    def name(self) -> str:
        return self.variant if self.bundle is None else f"{self.variant}/{self.seed}"


def key_of(unit: Unit, dataset_digest: str) -> str:
    """Digest of everything that the unit's tables depend on."""
    modules = [_module_of(unit)]
    if unit.bundle is None:
        system = unit.variant
    else:
        system = sha256_of_file(unit.bundle / "bundle.json")
        architecture = read_json(unit.bundle / "bundle.json")["description"]["architecture"]
        modules.append(f"pipeline.build.{architecture}")
    read = {
        "system": system,
        "decoding": unit.decoding,
        "dataset": dataset_digest,
        "code": code_digest(*modules),
    }
    return sha256_of_json(read)[:32]


def is_done(key: str) -> bool:
    return (STORE / key).exists()


def work(unit: Unit, key: str) -> None:
    """Evaluates the unit and stores its tables, all or nothing."""
    start = time.monotonic()
    tables = _evaluate(unit, PreparedDataset.open(unit.dataset))
    with atomic_folder(STORE / key) as part:
        for name, table in tables.items():
            table.to_parquet(part / f"{name}.parquet", index=False)
        write_json(part / "minutes.json", (time.monotonic() - start) / 60)


def read(key: str) -> tuple[Tables, float]:
    """The unit's tables, and the minutes that they took to make."""
    tables = {path.stem: pd.read_parquet(path) for path in sorted((STORE / key).glob("*.parquet"))}
    return tables, read_json(STORE / key / "minutes.json")


def _evaluate(unit: Unit, dataset: PreparedDataset) -> Tables:
    module = importlib.import_module(_module_of(unit))
    settings = {} if unit.decoding is None else {"decoding": unit.decoding}
    if unit.bundle is None:
        baseline: Tables = module.evaluate_baseline(unit.variant, dataset, **settings)
        return baseline
    tables: Tables = module.evaluate_bundle(_loaded(unit.bundle), dataset, **settings)
    return tables


def _module_of(unit: Unit) -> str:
    """By name, so that a new task's code is in no other's key."""
    return f"pipeline.evaluation.{unit.task}"


def _loaded(folder: Path) -> Bundle:
    bundle = load(folder)
    bundle.network.to("cuda" if torch.cuda.is_available() else "cpu")
    return bundle
