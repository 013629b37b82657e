"""Curves that show up while a training runs."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from pipeline.files import write_json
from pipeline.tracking import live, store
from pipeline.tracking.register import register

pytestmark = pytest.mark.xdist_group("mlflow")  # one worker makes the store and the registered project

URI = "sqlite:///mlflow.db"


@pytest.fixture
def run_folder(project: Any, curve: Any) -> Path:
    """The run store's folder of sentiment/rnn/1, which trains: its first 4 of 9 points, and half a line."""
    run = json.loads((project.root / "models/smoke/sentiment/rnn/1/run.json").read_text())
    folder = project.root / ".unrolled/runs" / run["signature"]
    spec = {
        "signature": run["signature"],
        "profile": "smoke",
        "experiment": "sentiment",
        "variant": "rnn",
        "seed": 1,
    }
    write_json(folder / "spec.json", spec)
    write_points(folder, curve(1)[:4], end='{"step": 21, "epo')
    return folder


def write_points(folder: Path, points: list[dict[str, Any]], end: str = "") -> None:
    lines = [json.dumps(point | {"time": 1_700_000_000.0 + point["step"]}) + "\n" for point in points]
    (folder / "curves.jsonl").write_text("".join(lines) + end)


def logged(client: MlflowClient, run_id: str, metric: str) -> list[int]:
    return [point.step for point in client.get_metric_history(run_id, f"curves/{metric}")]


def test_register_completes_the_run_that_live_curves_opened(project: Any, run_folder: Path) -> None:
    client = store.connect(URI, project.root)
    follower = live.Follower(run_folder)
    assert follower.follow(client, project.root) is False
    run = client.get_run(follower.run_id)
    assert (run.info.run_name, run.info.status, run.info.start_time) == (
        "rnn/1",
        "RUNNING",
        1_700_000_007_000,
    )
    assert logged(client, follower.run_id, "train_loss") == [7, 14]
    assert logged(client, follower.run_id, "learning_rate") == [7]

    project.only("sentiment")
    list(register(project.params, project.root, project.root))
    run = client.get_run(follower.run_id)
    assert (run.info.status, run.info.lifecycle_stage) == ("FINISHED", "active")
    assert logged(client, follower.run_id, "train_loss") == [7, 14, 21]
    assert logged(client, follower.run_id, "learning_rate") == [7, 14, 21]
    named = client.search_runs([run.info.experiment_id], "tags.mlflow.runName = 'rnn/1'")
    assert [found.info.run_id for found in named] == [follower.run_id]


def test_curves_that_the_files_contradict_are_replaced(project: Any, run_folder: Path, curve: Any) -> None:
    client = store.connect(URI, project.root)
    follower = live.Follower(run_folder)
    write_points(run_folder, [curve(1)[0] | {"value": 5.0}])
    follower.follow(client, project.root)
    project.only("sentiment")
    list(register(project.params, project.root, project.root))
    assert client.get_run(follower.run_id).info.lifecycle_stage == "deleted"
    experiment = client.get_experiment_by_name("smoke/sentiment")
    (run,) = client.search_runs([experiment.experiment_id], "tags.mlflow.runName = 'rnn/1'")
    assert logged(client, run.info.run_id, "train_loss") == [7, 14, 21]


def test_a_mirror_that_died_goes_on_where_it_was(project: Any, run_folder: Path, curve: Any) -> None:
    client = store.connect(URI, project.root)
    live.Follower(run_folder).follow(client, project.root)
    write_points(run_folder, curve(1))
    write_json(run_folder / "done.json", {})
    second = live.Follower(run_folder)
    assert second.follow(client, project.root) is True
    assert logged(client, second.run_id, "train_loss") == [7, 14, 21]
    assert client.get_run(second.run_id).info.status == "FINISHED"


@pytest.mark.parametrize("count", [3, 9])
def test_a_file_that_a_resumed_training_replaced_is_read_again(
    run_folder: Path, curve: Any, count: int
) -> None:
    """Also where it has outgrown the old one since."""
    path = run_folder / "curves.jsonl"
    write_points(run_folder, curve(1)[:5])
    points, place = live.read_new(path, live.START)
    assert len(points) == 5
    path.rename(run_folder / "old.jsonl")
    longer = [point | {"value": point["value"] / 3} for point in curve(1)[:count]]
    write_points(run_folder, longer)
    again, further = live.read_new(path, place)
    assert [(point.metric, point.step) for point in again] == [(p["metric"], p["step"]) for p in longer]
    assert live.read_new(path, further) == ([], further)


def test_a_server_that_dies_costs_one_line_and_is_tried_again(
    project: Any, run_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter([MlflowException("connection refused"), MlflowException("connection refused"), None])
    real = store.connect

    def connect(uri: str, root: Path) -> MlflowClient:
        if error := next(answers):
            raise error
        return real(URI, root)

    monkeypatch.setattr(store, "connect", connect)
    monkeypatch.setattr(live, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(live, "POLL_SECONDS", 0.0)
    before = (run_folder / "curves.jsonl").read_text()

    def done_in_the_end(_: float) -> None:
        done = run_folder / "done.json"
        if next(pauses, None) is None and not done.exists():
            write_json(done, {})

    pauses = iter(range(4))
    monkeypatch.setattr(live.time, "sleep", done_in_the_end)
    live.follow("http://127.0.0.1:9", project.root, [run_folder])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("live curves: MLflow at http://127.0.0.1:9 does not answer")
    assert (run_folder / "curves.jsonl").read_text() == before


def test_the_mirror_ends_when_nobody_trains(
    project: Any, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(live, "QUIET_SECONDS", 0.5)
    live.follow(URI, project.root, [run_folder])
    client = store.connect(URI, project.root)
    experiment = client.get_experiment_by_name("smoke/sentiment")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "RUNNING"


def test_the_mirror_ends_with_its_parent(project: Any, run_folder: Path, smoke: Path) -> None:
    (project.root / "params.yaml").write_text(smoke.read_text())
    code = "import subprocess, sys, time; child = subprocess.Popen([sys.executable, *sys.argv[1:]]); "
    code += "print(child.pid, flush=True); time.sleep(600)"
    mirror_of = ["-m", "pipeline.tracking.live", str(run_folder.parent), run_folder.name]
    command = [sys.executable, "-c", code, *mirror_of]
    environment = {**psutil.Process().environ(), "PYTHONPATH": str(smoke.parents[1])}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=project.root, env=environment
    ) as parent:
        assert parent.stdout is not None
        mirror = psutil.Process(int(parent.stdout.readline()))
        deadline = time.monotonic() + 120
        client = store.connect(URI, project.root)
        while client.get_experiment_by_name("smoke/sentiment") is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert mirror.is_running()
        parent.kill()
    psutil.wait_procs([mirror], timeout=20)
    assert not mirror.is_running() or mirror.status() == psutil.STATUS_ZOMBIE
