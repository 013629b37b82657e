"""Trains every variant and seed of an experiment, at its best learning rate of several:
`python -m stages.train EXPERIMENT`."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from pipeline.config import load
from pipeline.data.store import PreparedDataset
from pipeline.files import write_json
from pipeline.training import store, trials
from pipeline.training.scheduler import train
from pipeline.training.signature import specifications, trial_specifications
from pipeline.training.spec import RunSpec
from stages.entry import run


def main() -> None:
    key, params = sys.argv[1], load()
    dataset = PreparedDataset.open(Path("data/prepared") / params.profile / params.experiments[key].dataset)
    workers, models = params.execution.workers, Path("models") / params.profile / key
    tried = trials.run(trial_specifications(params, key, dataset.folder, dataset.digest), workers=workers)
    specs = specifications(params, key, dataset.folder, dataset.digest, trials.rates(tried))
    with _live_curves(specs) if params.execution.live_curves else contextlib.nullcontext():
        train(specs, workers=workers)
    store.collect(specs, models)
    if tried:
        write_json(models / "trials.json", [asdict(trial) for trial in tried])


@contextlib.contextmanager
def _live_curves(specs: list[RunSpec]) -> Iterator[None]:
    """Mirrors the curves to MLflow from a process apart, so that no server can disturb a training."""
    command = [
        sys.executable,
        "-m",
        "pipeline.tracking.live",
        str(store.RUNS),
        *(spec.signature for spec in specs),
    ]
    mirror = subprocess.Popen(command)
    try:
        yield
    finally:
        mirror.terminate()


if __name__ == "__main__":
    run(main)
