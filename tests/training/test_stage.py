"""The train stage as a user meets it: interrupted, killed, on a full disk."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from pipeline.config import load
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.files import sha256_of_folder
from pipeline.training import scheduler, store
from pipeline.training.signature import specifications
from stages import entry


@pytest.fixture
def project(tmp_path: Path, prepared: Path, root: Path) -> Path:
    """A folder with parameters and a prepared dataset, as DVC would have it."""
    params = yaml.safe_load((root / "params/smoke.yaml").read_text(encoding="utf-8"))
    params["execution"]["live_curves"] = False
    params["experiments"]["sentiment"]["training"]["epochs"] = 12
    params["experiments"]["sentiment"]["data"]["batch_tokens"] = 32
    del params["experiments"]["translation"]
    params["probes"]["beam"] = {}  # it looks into the experiment
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    place = tmp_path / "data/prepared/smoke/reviews_words"
    place.parent.mkdir(parents=True)
    place.symlink_to(prepared / "reviews")
    return tmp_path


def stage(project: Path, root: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "stages.train", "sentiment"]
    return subprocess.Popen(command, cwd=project, env=environment, preexec_fn=_listen_to_interrupts)


def _listen_to_interrupts() -> None:
    """A shell starts background jobs, and so perhaps these tests, deaf to Ctrl-C; children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started(project: Path, root: Path, lab: Any) -> tuple[subprocess.Popen[bytes], list[psutil.Process]]:
    """The stage once a run of it has written a checkpoint, and all that it started."""
    begin = time.time()
    process = stage(project, root)

    def is_training() -> bool:
        assert process.poll() is None, "the stage ended before it could be disturbed"
        return any(path.stat().st_mtime > begin for path in project.glob(".unrolled/runs/*/last.ckpt"))

    lab.wait_for(is_training)
    return process, psutil.Process(process.pid).children(recursive=True)


def test_a_disturbed_stage_leaves_no_orphan_and_goes_on(project: Path, root: Path, lab: Any) -> None:
    process, children = started(project, root, lab)
    assert len(children) >= 3
    process.kill()
    assert process.wait() == -signal.SIGKILL
    lab.wait_for_end(children)
    assert not (project / "models").exists()

    process, children = started(project, root, lab)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    lab.wait_for_end(children)
    assert not (project / "models").exists()

    assert stage(project, root).wait() == 0
    models = project / "models/smoke/sentiment"
    assert sorted(str(path.parent.relative_to(models)) for path in models.rglob("run.json")) == [
        "lstm/0",
        "rnn/0",
    ]

    # Undisturbed, in another run store.
    folder = project / "data/prepared/smoke/reviews_words"
    specs = specifications(
        load(project / "params.yaml"), "sentiment", folder, PreparedDataset.open(folder).digest
    )
    scheduler.train(specs, workers=2)
    for spec in specs:
        place = models / spec.variant / "0"
        assert sha256_of_folder(place / "bundle") == sha256_of_folder(store.folder_of(spec) / "bundle")
        assert (place / "curves.csv").read_bytes() == (store.folder_of(spec) / "curves.csv").read_bytes()
        assert (place / "run.json").read_bytes() == (store.folder_of(spec) / "run.json").read_bytes()


def ended(main: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, str]:
    monkeypatch.setattr(entry, "die_with_ancestors", lambda *, parent: None)
    with pytest.raises(SystemExit) as caught:
        entry.run(main)
    return caught.value.code, capsys.readouterr().err


def test_a_full_disk_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "models/full/.x.part")

    line = "models/full/.x.part: no space left; nothing half-written was kept; free some and run again\n"
    assert ended(main, capsys, monkeypatch) == (2, line)


def test_a_users_error_is_its_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def main() -> None:
        raise UserError("a: wrong\nb: wrong")

    assert ended(main, capsys, monkeypatch) == (2, "a: wrong\nb: wrong\n")


def test_an_interrupt_is_silent(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> None:
        raise KeyboardInterrupt

    assert ended(main, capsys, monkeypatch) == (130, "")


def test_other_errors_stay_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "models")

    monkeypatch.setattr(entry, "die_with_ancestors", lambda *, parent: None)
    with pytest.raises(PermissionError):
        entry.run(main)
