"""Trains every variant and seed of an experiment: `python -m stages.train EXPERIMENT`."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pipeline.config import load
from pipeline.data.store import PreparedDataset
from pipeline.training import store
from pipeline.training.scheduler import train
from pipeline.training.signature import specifications
from pipeline.training.spec import RunSpec
from stages.entry import run


def main() -> None:
    key, params = sys.argv[1], load()
    dataset = PreparedDataset.open(Path("data/prepared") / params.profile / params.experiments[key].dataset)
    specs = specifications(params, key, dataset.folder, dataset.digest)
    with _live_curves(specs) if params.execution.live_curves else contextlib.nullcontext():
        train(specs, workers=params.execution.workers)
    store.collect(specs, Path("models") / params.profile / key)


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
