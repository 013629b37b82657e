"""Forked processes: what they give back, and that they end with whoever started them."""

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from pipeline import warm
from pipeline.errors import UserError

ROOT = Path(__file__).parents[1]


def fails(error: Exception) -> None:
    raise error


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def script(folder: Path, text: str) -> subprocess.Popen[str]:
    """A program that uses the module, started as stages are: each job runs its head again, in silence."""
    head = "import os, sys, time\nfrom pathlib import Path\nfrom pipeline import warm\n"
    (folder / "program.py").write_text(head + textwrap.dedent(text), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-m", "program"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def printed(folder: Path, text: str) -> list[str]:
    program = script(folder, text)
    told, _ = program.communicate(timeout=60)
    assert program.returncode == 0, told
    return told.splitlines()


def test_a_job_gives_back_what_its_function_does() -> None:
    job = warm.start(divmod, 17, 5)
    assert job.result() == (3, 2)
    assert (job.code, job.exit_code()) == (0, 0)
    with pytest.raises(UserError, match=r"^params\.yaml: wrong$"):
        warm.start(fails, UserError("params.yaml: wrong")).result()
    with pytest.raises(ZeroDivisionError):
        warm.start(divmod, 17, 0).result()


def test_only_what_nobody_expected_leaves_a_traceback(tmp_path: Path) -> None:
    lines = printed(
        tmp_path,
        """
        from pipeline.errors import UserError

        def fails(error):
            raise error

        if __name__ == "__main__":
            for error in (UserError("expected"), KeyError("a bug")):
                print(warm.start(fails, error).exit_code(), flush=True)
        """,
    )
    assert lines[0] == "2"
    assert lines[1].startswith("Traceback")
    assert lines[-2:] == ["KeyError: 'a bug'", "1"]


@pytest.mark.parametrize(("argument", "code"), [(3, 3), (None, 0), ("no", 1)])
def test_a_job_ends_with_the_code_of_its_exit(argument: object, code: int) -> None:
    assert warm.start(sys.exit, argument).exit_code() == code


def test_a_job_lives_in_the_environment_of_its_starter(monkeypatch: pytest.MonkeyPatch) -> None:
    warm.start(os.getpid).result()
    monkeypatch.setenv("UNROLLED_TEST", "set after the server was there")
    assert warm.start(os.getenv, "UNROLLED_TEST").result() == "set after the server was there"


def test_a_killed_job_says_so() -> None:
    job, other = warm.start(time.sleep, 60), warm.start(time.sleep, 60)
    assert job.code is None
    job.kill()
    other.kill()
    assert warm.ready([job, other])
    with pytest.raises(ProcessLookupError):
        job.result()
    assert (job.exit_code(), other.exit_code()) == (warm.KILLED.code, warm.KILLED.code)
    job.kill()  # in vain, and without harm


def test_the_first_that_is_done_is_ready() -> None:
    slow, quick = warm.start(time.sleep, 60), warm.start(time.sleep, 0)
    assert warm.ready([slow, quick]) == [quick]
    slow.kill()


@pytest.mark.parametrize("served", [False, True])
def test_a_job_ends_with_its_starter(tmp_path: Path, served: bool) -> None:
    program = script(
        tmp_path,
        f"""
        if __name__ == "__main__":
            with warm.serving([], []) as found:
                os.environ.update(found if {served} else {{}})
                while {served} and warm.ask(os.getpid) is None:
                    time.sleep(0.01)
                # A starter apart from the server, as a stage is.
                starter = os.fork()
                if not starter:
                    job = warm.start(time.sleep, 60)
                    Path("pids").write_text(f"{{os.getpid()}} {{job.pid}}")
                    job.result()
                os.waitpid(starter, 0)
        """,
    )
    wait_for(lambda: (tmp_path / "pids").exists() and len((tmp_path / "pids").read_text().split()) == 2)
    starter, job = (psutil.Process(int(pid)) for pid in (tmp_path / "pids").read_text().split())
    assert job.is_running()
    starter.kill()
    wait_for(lambda: not job.is_running())
    assert program.wait(60) == 0


def test_a_server_warms_up_at_the_first_request(tmp_path: Path) -> None:
    assert printed(
        tmp_path,
        """
        LOADED = "'colorsys' in __import__('sys').modules"

        if __name__ == "__main__":
            print(warm.ask(os.getpid))
            with warm.serving(["colorsys"], []) as found:
                os.environ.update(found)
                print(warm.ask(eval, LOADED))
                while not (job := warm.ask(eval, LOADED)):
                    time.sleep(0.01)
                print(job.result())
                print(warm.start(sys.exit, 7).exit_code())
            print(warm.ask(os.getpid))
            print(warm.start(eval, LOADED).code is None)
        """,
    ) == ["None", "None", "True", "7", "None", "True"]


def test_what_a_job_prints_comes_before_its_end(tmp_path: Path) -> None:
    lines = printed(
        tmp_path,
        """
        if __name__ == "__main__":
            for number in range(20):
                warm.start(print, number).result()
        """,
    )
    assert lines == [str(number) for number in range(20)]


def test_a_changed_source_changes_the_state(tmp_path: Path) -> None:
    (tmp_path / "nn").mkdir()
    source = tmp_path / "nn/cells.py"
    source.write_text("a = 1\n", encoding="utf-8")
    before = warm.state([tmp_path])
    (tmp_path / "notes.txt").write_text("no code", encoding="utf-8")
    assert warm.state([tmp_path]) == before
    source.write_text("a = 12\n", encoding="utf-8")
    after = warm.state([tmp_path])
    (tmp_path / "new.py").touch()
    assert len({before, after, warm.state([tmp_path])}) == 3
