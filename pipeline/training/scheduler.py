"""Schedules the runs of an experiment over worker processes: the train stage does nothing else."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.errors import UserError
from pipeline.training import store
from pipeline.training.progress import Progress
from pipeline.training.run import work
from pipeline.training.spec import RunSpec
from pipeline.warm import KILLED, Job, start

POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Started:
    spec: RunSpec
    process: Job | subprocess.Popen[bytes]
    since: float

    @property
    def code(self) -> int | None:
        """Exit code; None while it runs."""
        return self.process.poll() if isinstance(self.process, subprocess.Popen) else self.process.code


def train(specs: list[RunSpec], *, workers: int) -> None:
    """Trains every run that isn't finished, as `attempt` does.

    Raises:
        UserError: some runs failed; one line each.
    """
    if failures := attempt(specs, workers=workers):
        raise UserError("\n".join(failures))


def attempt(specs: list[RunSpec], *, workers: int) -> list[str]:
    """Trains every run that isn't finished: `workers` at a time on one device, one at a time over several.

    A failing run doesn't stop the others; returns a line for each that failed.
    """
    unique = {spec.signature: spec for spec in specs}
    waiting = [spec for spec in unique.values() if not store.is_done(spec)]
    failures: list[str] = []
    running: list[Started] = []
    with Progress(total=len(unique), done=len(unique) - len(waiting)) as progress:
        begin, places = _launcher(waiting, workers)
        try:
            while waiting or running:
                while waiting and len(running) < places:
                    running.append(begin(waiting.pop(0)))
                time.sleep(POLL_SECONDS)
                for run in [run for run in running if run.code is not None]:
                    running.remove(run)
                    failure = _failure(run)
                    failures += [failure] if failure else []
                    progress.finish(run.spec, time.monotonic() - run.since, failed=bool(failure))
                progress.update([run.spec for run in running])
        finally:
            for run in running:
                run.process.kill()
    return failures


def _launcher(waiting: list[RunSpec], workers: int) -> tuple[Callable[[RunSpec], Started], int]:
    trainers = [spec.parameters["trainer"] for spec in waiting]
    if any(trainer["devices"] * trainer["num_nodes"] > 1 for trainer in trainers):
        return _launch, 1
    return _fork, workers


def _fork(spec: RunSpec) -> Started:
    # Inherited before torch starts, where this stage has a server of its own.
    os.environ["OMP_NUM_THREADS"] = str(spec.parameters["trainer"]["threads"])
    job = start(work, store.enter(spec), preload=["pipeline.training.fit", spec.task_module])
    return Started(spec, job, time.monotonic())


def _launch(spec: RunSpec) -> Started:
    command = [sys.executable, "-m", "pipeline.training.run", str(store.enter(spec))]
    environment = os.environ | {"OMP_NUM_THREADS": str(spec.parameters["trainer"]["threads"])}
    return Started(spec, subprocess.Popen(command, env=environment), time.monotonic())


def _failure(run: Started) -> str | None:
    folder = store.folder_of(run.spec)
    if run.code == 0:
        return None
    # Whatever the code: a failing rank makes Lightning terminate the first one.
    if (folder / "error.txt").exists():
        return (folder / "error.txt").read_text(encoding="utf-8").strip()
    end = "was killed" if run.code == KILLED.code else f"ended with {run.code}"
    return f"{run.spec.name}: its process {end}; see {folder / 'log.txt'}; run again to resume"
