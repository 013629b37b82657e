"""Looks into every network of an experiment and puts what is seen into results/PROFILE/probes/."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from pipeline.code import code_digest
from pipeline.config.schema.params import Params
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.evaluation.pool import side_by_side
from pipeline.evaluation.provenance import run_names
from pipeline.evaluation.tables import stacked
from pipeline.files import read_json, write_json, write_text
from pipeline.machine import describe_machine
from pipeline.probes.look import Look, look

DIGITS = "%.6g"


@dataclass(frozen=True)
class Places:
    """Folders of one probe; `models` are the experiment's."""

    models: Path
    dataset: Path
    results: Path

    @classmethod
    def of(cls, params: Params, kind: str, experiment: str, root: Path = Path()) -> "Places":
        profile = params.profile
        return cls(
            models=root / "models" / profile / experiment,
            dataset=root / "data/prepared" / profile / params.probes.of(kind, experiment).dataset,
            results=root / "results" / profile / "probes" / kind / experiment,
        )


def probe(
    params: Params, kind: str, experiment: str, places: Places, *, tell: Callable[[str], None] = print
) -> None:
    """Writes the probe's tables, led by the variant and the seed, and provenance.json last.

    Raises:
        UserError: a model or the dataset is missing or altered, or the probe can't read it.
    """
    start, settings = time.monotonic(), params.probes.of(kind, experiment)
    dataset, module = PreparedDataset.open(places.dataset), f"pipeline.probes.{kind}"
    names = run_names(params, experiment)
    for name in names:
        if not (places.models / name / "bundle/bundle.json").exists():
            raise UserError(f"{places.models / name}: no bundle; run `dvc repro train@{experiment}`")
    looks = {
        name: (Look(module, places.models / name / "bundle", places.dataset, settings.model_dump()),)
        for name in names
    }
    workers = params.execution.workers
    found = {}
    for name, tables in side_by_side(look, looks, modules=[module], workers=workers, stage="probe"):
        found[name] = {table: _led(frame, name) for table, frame in tables.items()}
    (places.results / "provenance.json").unlink(missing_ok=True)
    for table, frame in stacked([found[name] for name in names]).items():
        text = frame.to_csv(index=False, lineterminator="\n", float_format=DIGITS)
        write_text(places.results / f"{table}.csv", text)
    minutes = round((time.monotonic() - start) / 60, 3)
    facts = {
        "probe": kind,
        "experiment": experiment,
        "settings": settings.model_dump(),
        "dataset_digest": dataset.digest,
        "signatures": {name: read_json(places.models / name / "run.json")["signature"] for name in names},
        "code_digest": code_digest(module),
        "machine": describe_machine(),
        "minutes": minutes,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_json(places.results / "provenance.json", [facts])
    tell(f"probe {kind}@{experiment}: looked into {len(names)} networks in {minutes * 60:.0f} s")


def _led(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    variant, _, seed = name.partition("/")
    return pd.DataFrame({"variant": variant, "seed": int(seed)}, index=frame.index).join(frame)
