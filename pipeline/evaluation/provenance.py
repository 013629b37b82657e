"""Where an experiment's results come from: code, parameters, data, machine, minutes."""

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.config import variants
from pipeline.config.schema.params import Params
from pipeline.errors import UserError
from pipeline.files import read_json, sha256_of_json
from pipeline.machine import describe_machine

CODE = ("pipeline", "stages")


def provenance(
    params: Params, key: str, models: Path, *, dataset_digest: str, evaluate_minutes: float
) -> dict[str, Any]:
    """What results/PROFILE/EXPERIMENT/provenance.json says.

    Args:
        models: models/PROFILE/EXPERIMENT; its every run.json and timing.json is read.
    """
    experiment = params.experiments[key]
    corpus = params.datasets[experiment.dataset].corpus
    runs = {name: read_json(models / name / "run.json") for name in run_names(params, key)}
    minutes = {name: read_json(models / name / "timing.json")["minutes"] for name in runs}
    trials = read_json(models / "trials.json") if (models / "trials.json").exists() else []
    return {
        "experiment": key,
        "question": experiment.question,
        "task": experiment.task,
        "dataset": experiment.dataset,
        "corpus": corpus,
        "reader": params.corpora[corpus].reader,
        "variants": {name: resolved.model_dump() for name, resolved in variants(params, key).items()},
        "seeds": experiment.seeds,
        "trials": trials,
        "signatures": {name: run["signature"] for name, run in runs.items()},
        "commit": _git("rev-parse", "HEAD") or None,
        "dirty": bool(_git("status", "--porcelain", "--", *CODE)),
        "code_digest": _common("code_digest", runs),
        "parameters_digest": parameters_digest(params, key),
        "dataset_digest": dataset_digest,
        "machine": describe_machine(),
        "minutes": {
            "train": round(sum([*minutes.values(), *_losers(trials)]), 3),
            "evaluate": round(evaluate_minutes, 3),
            "per_run": minutes,
        },
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _losers(trials: list[dict[str, Any]]) -> list[float]:
    """Minutes of the trials that are no runs of the experiment as well."""
    return [trial["minutes"] for trial in trials if not trial["chosen"]]


def run_names(params: Params, key: str) -> list[str]:
    """VARIANT/SEED of every run of an experiment, the grid's order first."""
    experiment = params.experiments[key]
    return [f"{variant}/{seed}" for variant in experiment.grid for seed in range(experiment.seeds)]


def parameters_digest(params: Params, key: str) -> str:
    """Digest of the parameters that an experiment's results depend on; the data have their own."""
    experiment = params.experiments[key].model_dump(exclude={"question"})
    read = {"experiment": experiment, "trainer": params.trainer.model_dump()}
    return sha256_of_json(read)


def _common(field: str, runs: Mapping[str, dict[str, Any]]) -> str:
    """What all runs agree on.

    Raises:
        UserError: they don't, so somebody has mixed folders of models.
    """
    values = {run[field] for run in runs.values()}
    if len(values) > 1:
        raise UserError(f"models: {field} differs between {', '.join(runs)}; `dvc repro` the train stage")
    return str(values.pop())


def _git(*arguments: str) -> str:
    """What git prints; nothing where there is no git or no repository."""
    try:
        answer = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return ""
    return answer.stdout.strip()
