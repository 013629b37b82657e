"""The run store: `.unrolled/runs/SIGNATURE`, outside DVC's outputs: runs resume, finished ones are found."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import UserError
from pipeline.files import atomic_folder
from pipeline.training.spec import RunSpec

RUNS = Path(".unrolled/runs")
RESULTS = ("bundle", "curves.csv", "run.json", "timing.json")


def folder_of(spec: RunSpec) -> Path:
    return RUNS / spec.signature


def is_done(spec: RunSpec) -> bool:
    return (folder_of(spec) / "done.json").exists()


def enter(spec: RunSpec) -> Path:
    """Creates the run's folder with its specification, and returns it."""
    folder = folder_of(spec)
    folder.mkdir(parents=True, exist_ok=True)
    spec.write(folder / "spec.json")
    return folder


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps a second trainer out of a run's folder; the lock dies with its holder.

    Raises:
        UserError: another process trains this run.
    """
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"{folder}: another process trains this run; wait for it or stop it") from None
        yield


def collect(specs: list[RunSpec], models: Path) -> None:
    """Copies finished runs to models/VARIANT/SEED, replacing the folder as a whole."""
    with atomic_folder(models) as part:
        for spec in specs:
            target = part / spec.variant / str(spec.seed)
            target.mkdir(parents=True)
            for name in RESULTS:
                source = folder_of(spec) / name
                if source.is_dir():
                    shutil.copytree(source, target / name)
                else:
                    shutil.copy2(source, target / name)
