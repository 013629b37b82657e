"""Whatever happens to a demo, params.yaml and dvc.lock come back as they were."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli import repro as running
from pipeline.cli import swap, workspace
from pipeline.errors import UserError

WHOLE = "schema: '2.0'\nstages:\n  train@{name}:\n    cmd: python\n"
DVC = """\
import sys, time
from pathlib import Path
lock = Path("dvc.lock")
print("dvc runs with", Path("params.yaml").read_text().split()[-1], lock.exists(), *sys.argv[1:], flush=True)
lock.write_text(%r)
if "sleep" in sys.argv:
    Path("asleep").touch()
    time.sleep(60)
sys.exit("fail" in sys.argv)
"""
ADDRESS = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@b",
}


@pytest.fixture
def project(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose DVC writes a dvc.lock and does nothing else."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(root))
    for name, value in ADDRESS.items():
        monkeypatch.setenv(name, value)
    smoke = (root / "params/smoke.yaml").read_text(encoding="utf-8")
    files = {
        "params.yaml": smoke.replace("profile: smoke", "profile: full") + "# full\n",
        "params/embedded.yaml": smoke.replace("profile: smoke", "profile: demo") + "# demo\r\n# demo\n",
        "params/smoke.yaml": smoke + "# smoke\n",
        "dvc.lock": WHOLE.format(name="full"),
        "dvc.py": DVC % WHOLE.format(name="demo"),
        ".gitignore": ".unrolled\nasleep\n__pycache__\n",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode())
    for command in ("init -q", "add -A", "commit -qm first"):
        subprocess.run(["git", *command.split()], check=True)
    return tmp_path


def status() -> str:
    return subprocess.run(["git", "status", "--short"], capture_output=True, text=True, check=True).stdout


def start(*arguments: str) -> subprocess.Popen[str]:
    """Starts the workspace helper and waits until its DVC is at work."""
    command = [sys.executable, "-m", "pipeline.cli.workspace", *arguments, "--", "sleep"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_for(Path("asleep").exists)
    return process


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def guard_is_free() -> bool:
    with running.GUARD.open() as guard:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


# -------------------------------------------------------------------------------------------- demo


def test_demo_leaves_no_trace_and_keeps_its_own_lock(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert workspace.main(["demo"]) == 0
    assert status() == ""
    first = capfd.readouterr().out
    assert "dvc runs with demo False repro --quiet" in first
    assert str(project / "report/demo/index.html") in first
    assert workspace.main(["demo"]) == 0
    assert "dvc runs with demo True repro --quiet" in capfd.readouterr().out
    assert status() == ""


def test_demo_gives_back_uncommitted_edits_and_a_missing_lock(project: Path) -> None:
    edited = Path("params.yaml").read_bytes() + b"# mine\r\n"
    Path("params.yaml").write_bytes(edited)
    Path("dvc.lock").unlink()
    assert workspace.main(["demo"]) == 0
    assert Path("params.yaml").read_bytes() == edited
    assert not Path("dvc.lock").exists()


def test_a_failing_demo_is_told_and_undone(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert workspace.main(["demo", "--", "fail"]) == 1
    assert "report" not in capfd.readouterr().out
    assert status() == ""


def test_sigterm_ends_dvc_and_restores(project: Path) -> None:
    process = start("demo")
    process.terminate()
    assert process.wait(timeout=30) != 0
    assert status() == ""
    assert not swap.MARKER.exists()


def test_after_kill_9_the_next_command_restores(project: Path) -> None:
    process = start("demo")
    process.kill()
    process.wait()
    assert "params.yaml" in status()
    wait_for(guard_is_free)  # the kernel ends DVC with its parent
    assert workspace.main(["restore"]) == 0
    assert status() == ""


def test_restore_waits_for_no_running_demo(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    process = start("demo")
    try:
        assert workspace.main(["restore"]) == 2
        line = capsys.readouterr().err
        assert (
            f"another `make` runs the pipeline here (process {process.pid}); wait for it or stop it" in line
        )
        assert "params.yaml" in status()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


class Crash(Exception):
    pass


@pytest.mark.parametrize("survived", range(5))
@pytest.mark.parametrize("victim", ["swap_in", "restore"])
def test_restores_after_a_crash_at_every_write(
    project: Path, monkeypatch: pytest.MonkeyPatch, victim: str, survived: int
) -> None:
    """`survived` writes come through, the next one doesn't."""
    left = survived

    def crashing(write: Callable[..., None]) -> Callable[..., None]:
        def writing(*arguments: object) -> None:
            nonlocal left
            if left == 0:
                raise Crash
            left -= 1
            write(*arguments)

        return writing

    demo_lock = WHOLE.format(name="demo")
    if victim == "restore":
        swap.swap_in(workspace.DEMO, "demo")
        Path("dvc.lock").write_text(demo_lock)
    with monkeypatch.context() as patch:
        for name in ("write_json", "write_bytes", "_set"):
            patch.setattr(swap, name, crashing(getattr(swap, name)))
        with contextlib.suppress(Crash):
            swap.swap_in(workspace.DEMO, "demo") if victim == "swap_in" else swap.restore()
    swap.restore()
    assert status() == ""
    assert not swap.MARKER.exists()
    if victim == "restore":
        assert (swap.LOCKS / "demo.lock").read_text() == demo_lock


def test_edits_made_during_a_demo_are_kept(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    swap.swap_in(workspace.DEMO, "demo")
    Path("params.yaml").write_text("profile: mine\n")
    swap.restore()
    assert status() == ""
    assert Path(".unrolled/params.edited.yaml").read_text() == "profile: mine\n"
    assert ".unrolled/params.edited.yaml" in capsys.readouterr().out


# ------------------------------------------------------------------------------------------- repro


def test_repro_puts_a_parameter_file_in_place(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert workspace.main(["repro", "--params", "params/smoke.yaml", "--", "train@x"]) == 0
    assert "dvc runs with smoke True repro --quiet train@x" in capfd.readouterr().out
    assert Path("params.yaml").read_bytes() == Path("params/smoke.yaml").read_bytes()


def test_repro_refuses_to_overwrite_edits(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Path("params.yaml").open("a") as file:
        file.write("# mine\n")
    before = Path("params.yaml").read_bytes()
    assert workspace.main(["repro", "--params", "params/smoke.yaml"]) == 2
    line = capsys.readouterr().err
    assert line.startswith("params.yaml: holds edits that are neither committed nor in params/")
    assert line.count("\n") == 1
    assert Path("params.yaml").read_bytes() == before


def test_an_edited_alternative_replaces_its_older_self(project: Path) -> None:
    mine = Path("params/mine.yaml")
    mine.write_text(Path("params/smoke.yaml").read_text())
    assert workspace.main(["repro", "--params", str(mine)]) == 0
    mine.write_text(mine.read_text() + "# better\n")
    assert workspace.main(["repro", "--params", str(mine)]) == 0
    assert Path("params.yaml").read_bytes() == mine.read_bytes()


def test_repro_checks_first(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = Path("params/smoke.yaml")
    broken.write_text(broken.read_text().replace("hidden: 8", "hiden: 8"))
    before = Path("params.yaml").read_bytes()
    assert workspace.main(["repro", "--params", str(broken)]) == 2
    out, err = capsys.readouterr()
    assert "unknown name 'hiden'" in err
    assert "did you mean hidden?" in err
    assert "dvc runs" not in out
    assert Path("params.yaml").read_bytes() == before


def test_a_missing_parameter_file_is_one_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert workspace.main(["repro", "--params", "params/none.yaml"]) == 2
    assert capsys.readouterr().err.startswith("params/none.yaml: no such file")


# ---------------------------------------------------------------------------------------- dvc.lock


@pytest.mark.parametrize(
    "cut", ["", "schema: '2.0'\nstages:\n  train@full:\n    cmd: 'pyth", "schema: '2.0'\n"]
)
def test_a_cut_off_lock_is_replaced_by_the_committed_one(
    project: Path, capsys: pytest.CaptureFixture[str], cut: str
) -> None:
    Path("dvc.lock").write_text(cut)
    swap.heal_lock()
    assert status() == ""
    assert capsys.readouterr().out.startswith("dvc.lock was cut off: the committed one is back")


def test_a_cut_off_lock_that_was_never_committed_goes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "rm", "-q", "--cached", "dvc.lock"], check=True)
    subprocess.run(["git", "commit", "-qm", "no lock"], check=True)
    Path("dvc.lock").write_text("")
    swap.heal_lock()
    assert not Path("dvc.lock").exists()
    assert "none is committed" in capsys.readouterr().out


def test_a_whole_lock_is_left_alone(project: Path) -> None:
    Path("dvc.lock").write_text(WHOLE.format(name="other"))
    swap.heal_lock()
    assert Path("dvc.lock").read_text() == WHOLE.format(name="other")


def test_a_cut_off_lock_is_not_kept_for_the_next_demo(project: Path) -> None:
    swap.swap_in(workspace.DEMO, "demo")
    Path("dvc.lock").write_text("")
    swap.restore()
    assert not (swap.LOCKS / "demo.lock").exists()


# -------------------------------------------------------------------------------- one at a time


def test_two_at_once_are_refused(project: Path) -> None:
    with running.exclusive(), pytest.raises(UserError, match=f"process {os.getpid()}"), running.exclusive():
        pass


def test_a_dvc_started_by_hand_is_seen_and_a_dead_one_is_not(project: Path) -> None:
    held = Path(".dvc/tmp/rwlock")
    held.parent.mkdir(parents=True)
    code = "import time; print(flush=True); time.sleep(60)"
    dvc = subprocess.Popen([sys.executable, "-c", code, "dvc", "repro"], stdout=subprocess.PIPE)
    assert dvc.stdout is not None
    dvc.stdout.readline()
    holder = {"pid": dvc.pid, "cmd": "dvc repro"}
    held.write_text(json.dumps({"read": {"params.yaml": [holder]}, "write": {"models/x": holder}}))
    with pytest.raises(UserError, match=rf"another dvc runs the pipeline here \(process {dvc.pid}\)"):
        running.refuse_beside_dvc()
    dvc.kill()
    dvc.wait()
    running.refuse_beside_dvc()
