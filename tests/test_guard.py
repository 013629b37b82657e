"""No orphans: real processes, really killed."""

import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

Above = subprocess.Popen[bytes]

ROOT = Path(__file__).parents[1]
CHILD = """
    import sys, time
    from pathlib import Path
    from pipeline import guard
    guard.POLL_SECONDS = 0.05
    guard.die_with_ancestors(parent={parent})
    Path({mark!r}).write_text(str(__import__("os").getpid()))
    time.sleep(60)
"""
STARTER = """
    import subprocess, sys
    subprocess.run({command!r}, shell={shell}, cwd={root!r})
"""


def started(folder: Path, *, name: str, shell: bool, parent: bool) -> tuple[Above, psutil.Process]:
    """A process called `name` that starts a guarded one, perhaps through a shell, once the guard stands."""
    child, starter, mark = folder / "child.py", folder / name, folder / "pid"
    child.write_text(textwrap.dedent(CHILD.format(parent=parent, mark=str(mark))), encoding="utf-8")
    # Two commands in one line keep the shell from becoming the second.
    words = [sys.executable, str(child)]
    command = (
        f"PYTHONPATH={ROOT} {words[0]} {words[1]}; true" if shell else ["env", f"PYTHONPATH={ROOT}", *words]
    )
    text = STARTER.format(command=command, shell=shell, root=str(ROOT))
    starter.write_text(textwrap.dedent(text), encoding="utf-8")
    above = subprocess.Popen([sys.executable, str(starter)])
    deadline = time.monotonic() + 60
    while not (mark.exists() and mark.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return above, psutil.Process(int(mark.read_text(encoding="utf-8")))


def is_gone(process: psutil.Process, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("name", "shell", "parent"),
    [("dvc", False, False), ("dvc", True, False), ("dvc", True, True), ("stage.py", False, True)],
)
def test_a_guarded_process_ends_with_its_ancestor(
    tmp_path: Path, name: str, shell: bool, parent: bool
) -> None:
    above, guarded = started(tmp_path, name=name, shell=shell, parent=parent)
    try:
        assert guarded.is_running()
        above.kill()
        above.wait()
        assert is_gone(guarded, 20)
    finally:
        above.kill()
        if guarded.is_running():
            guarded.kill()


def test_a_stage_started_by_hand_may_outlive_its_shell(tmp_path: Path) -> None:
    above, guarded = started(tmp_path, name="by_hand.py", shell=True, parent=False)
    try:
        above.kill()
        above.wait()
        assert not is_gone(guarded, 0.5)
    finally:
        guarded.kill()
