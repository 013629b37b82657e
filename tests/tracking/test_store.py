"""Opening the tracking store."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.errors import UserError
from pipeline.tracking import store

pytestmark = pytest.mark.xdist_group("mlflow")  # one worker makes the store and the registered project

CONNECT = "import sys; from pathlib import Path; from pipeline.tracking import store; "
CONNECT += "client = store.connect('sqlite:///mlflow.db', Path(sys.argv[1])); "
CONNECT += "print(store.open_experiment(client, 'toy', 'memory', Path(sys.argv[1])))"


def test_two_processes_create_one_store(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CONNECT, str(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert answers[0] == answers[1] != ""


def test_killed_while_it_creates_the_store_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CONNECT, str(tmp_path)]
    killed = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    part = tmp_path / "mlflow.db.part"
    while not part.exists() or part.stat().st_size == 0:
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    assert not (tmp_path / "mlflow.db").exists()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def test_artifacts_lie_in_the_project(project) -> None:
    client = store.connect("sqlite:///mlflow.db", project.root)
    experiment = client.get_experiment(store.open_experiment(client, "toy", "memory", project.root))
    assert experiment.name == "toy/memory"
    assert experiment.artifact_location == (project.root / "mlartifacts").as_uri()


def test_a_deleted_experiment_comes_back(project) -> None:
    client = store.connect("sqlite:///mlflow.db", project.root)
    first = store.open_experiment(client, "toy", "memory", project.root)
    client.delete_experiment(first)
    assert store.open_experiment(client, "toy", "memory", project.root) == first
    assert client.get_experiment(first).lifecycle_stage == "active"


def test_a_server_that_is_away_costs_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    uri = "http://someone:secret@127.0.0.1:9"
    message = (
        r"^register: MLflow at http://127\.0\.0\.1:9 does not answer; start it or set execution\.tracking_uri"
    )
    with pytest.raises(UserError, match=message) as caught, store.answering("register", uri):
        store.connect(uri, tmp_path)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_store_costs_one_line(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("this is not a database, but a sentence that is long enough")
    uri = "sqlite:///mlflow.db"
    message = r"store sqlite:///mlflow\.db can't be used; move it aside"
    with pytest.raises(UserError, match=message), store.answering("register", uri):
        store.connect(uri, tmp_path)


def test_no_telemetry() -> None:
    from mlflow.telemetry import get_telemetry_client

    assert get_telemetry_client() is None
