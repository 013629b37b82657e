"""kill -9, with the real DVC: of one process or of all, whatever was killed goes on where it was."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.xdist_group("system")
EPOCHS = 40
TRAIN = "train@sentiment"


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_training(folder: Path, finished: set[str]) -> bool:
    """Whether a run that isn't among the finished ones has written its first checkpoint."""
    checkpoints = {path.parent.name for path in folder.glob(".unrolled/runs/*/last.ckpt")}
    return bool(checkpoints - finished)


@pytest.fixture(scope="module")
def long(finished, tmp_path_factory: pytest.TempPathFactory):
    """A project that trains for some seconds, with dropout."""
    clone = type(finished)(tmp_path_factory.mktemp("long") / "unrolled")
    finished.git("clone", "-q", str(finished.folder), str(clone.folder))
    clone.set("experiments.sentiment.training.epochs", EPOCHS)
    clone.set("experiments.sentiment.model.dropout", 0.3)
    clone.set("execution.live_curves", False)
    clone.repro("prepare@reviews_words")
    return clone


@pytest.fixture(scope="module")
def undisturbed(long, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    clone = long.copy(tmp_path_factory.mktemp("undisturbed"))
    clone.repro(TRAIN)
    return trained(clone)


def trained(clone) -> dict[str, bytes]:
    """Everything that training made, but its times."""
    models = clone.content("models")
    return {name: content for name, content in models.items() if not name.endswith("timing.json")}


@pytest.mark.parametrize("victim", ["dvc", "stage", "group"])
def test_the_next_repro_ends_with_the_same_bits(
    long, undisturbed: dict[str, bytes], tmp_path: Path, victim: str
) -> None:
    clone = long.copy(tmp_path)
    dvc = clone.start("dvc", "repro", "--quiet", TRAIN)
    wait_for(lambda: is_training(clone.folder, set()))
    family = psutil.Process(dvc.pid).children(recursive=True)
    if victim == "dvc":
        dvc.kill()
    elif victim == "group":
        os.killpg(dvc.pid, signal.SIGKILL)
    else:
        (stage,) = [process for process in family if process.cmdline()[1:3] == ["-m", "stages.train"]]
        stage.kill()
    assert dvc.wait() != 0
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive
    assert not clone.content("models")
    assert not clone.finished_runs()

    assert clone.repro(TRAIN) == {TRAIN}
    assert trained(clone) == undisturbed


def test_a_killed_demo_leaves_no_trace_and_goes_on(root: Path, long, tmp_path: Path) -> None:
    clone = long.copy(tmp_path)
    (clone.folder / "params/embedded.yaml").write_text(
        (clone.folder / "params.yaml").read_text(encoding="utf-8").replace("profile: smoke", "profile: demo"),
        encoding="utf-8",
    )
    clone.commit()
    demo = clone.start("pipeline.cli.workspace", "demo", "--", "train@sentiment")
    wait_for(lambda: is_training(clone.folder, set()))
    family = psutil.Process(demo.pid).children(recursive=True)
    demo.kill()
    demo.wait()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive
    assert "params.yaml" in clone.git("status", "--short")

    clone.run("pipeline.cli.workspace", "restore")
    assert clone.git("status", "--short") == ""
    told = clone.run("pipeline.cli.workspace", "demo", "--", "train@sentiment")
    assert "report " in told
    assert clone.git("status", "--short") == ""
    assert len(clone.finished_runs()) == 2
    assert clone.content("models/demo")
