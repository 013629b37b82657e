"""Shows trainings in MLflow while they run: `python -m pipeline.tracking.live RUNS_FOLDER SIGNATURE…`.

A process apart that only reads the runs' files, so that no server can disturb a training. What it misses,
`register` adds to the same runs.
"""

import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mlflow import MlflowClient

from pipeline.config import load
from pipeline.files import read_json
from pipeline.guard import die_with_ancestors
from pipeline.tracking import store
from pipeline.tracking.points import Point, history, log_points
from pipeline.tracking.runs import seed_run

POLL_SECONDS = 2.0
RETRY_SECONDS = 30.0
QUIET_SECONDS = 3600.0
"""Whoever trains is gone when nothing happens for so long."""


class Place(NamedTuple):
    """How far a file was read, and which file that was."""

    inode: int
    offset: int


START = Place(0, 0)


@dataclass
class Follower:
    """One run's curves.jsonl, read as it grows."""

    folder: Path
    place: Place = START
    run_id: str = ""
    known: set[tuple[str, int, float]] = field(default_factory=set)
    heard: float = field(default_factory=time.monotonic)
    """When something new was read."""

    def follow(self, client: MlflowClient, root: Path) -> bool:
        """Logs what is new in the file; True once the run is done and all of it logged."""
        done = (self.folder / "done.json").exists()
        points, place = read_new(self.folder / "curves.jsonl", self.place)
        if points and not self.run_id:
            self._open(client, root, points)
        if points:
            self.heard = time.monotonic()
        fresh = [point for point in points if point[:3] not in self.known]
        log_points(client, self.run_id, fresh)
        self.known |= {point[:3] for point in fresh}
        self.place = place
        if done and self.run_id:
            client.set_terminated(self.run_id)
        return done

    def _open(self, client: MlflowClient, root: Path, points: list[Point]) -> None:
        spec = read_json(self.folder / "spec.json")
        experiment_id = store.open_experiment(client, spec["profile"], spec["experiment"], root)
        name = f"{spec['variant']}/{spec['seed']}"
        run = seed_run(client, experiment_id, spec["signature"], name, points[0].time)
        self.known = history(client, run)
        self.run_id = run.info.run_id


def read_new(path: Path, place: Place) -> tuple[list[Point], Place]:
    """Points of the whole lines behind a place, and where they end.

    A resumed training drops the points after its checkpoint, in a new file of the same name, which may have
    outgrown the old one by now: it is read from the start.
    """
    if not path.exists():
        return [], START
    with path.open("rb") as file:
        inode = os.fstat(file.fileno()).st_ino
        offset = place.offset if inode == place.inode else 0
        file.seek(offset)
        content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    rows = [json.loads(line) for line in whole.splitlines()]
    points = [Point(row["metric"], row["step"], row["value"], row["time"]) for row in rows]
    return points, Place(inode, offset + len(whole))


def follow(uri: str, root: Path, folders: list[Path]) -> None:
    """Mirrors unfinished runs until all are done; a store that fails costs one line and a pause."""
    client: MlflowClient | None = None
    followers = [Follower(folder) for folder in folders if not (folder / "done.json").exists()]
    silent = False
    while followers and time.monotonic() - max(follower.heard for follower in followers) < QUIET_SECONDS:
        try:
            client = client or store.connect(uri, root)
            followers = [follower for follower in followers if not follower.follow(client, root)]
            silent = False
        except store.FAILURES as error:
            if not silent:
                print(f"live curves: {store.failure(uri, error)}", file=sys.stderr, flush=True)
            silent, client = True, None
            time.sleep(RETRY_SECONDS)
        if followers:
            time.sleep(POLL_SECONDS)


def main() -> None:
    die_with_ancestors(parent=True)
    os.nice(10)
    runs = Path(sys.argv[1])
    follow(
        load().execution.tracking_uri, store.project_root(), [runs / signature for signature in sys.argv[2:]]
    )


if __name__ == "__main__":
    main()
