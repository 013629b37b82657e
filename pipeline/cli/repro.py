"""`dvc repro` as a child that never outlives `make`, and one at a time."""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO

import psutil

from pipeline.cli.forked import warm_stages
from pipeline.errors import UserError

GUARD = Path(".unrolled/workspace.lock")
PR_SET_PDEATHSIG = 1


@contextlib.contextmanager
def exclusive() -> Iterator[IO[str]]:
    """Keeps a second `make demo` or `make repro` out of this folder; the lock dies with its last holder.

    Raises:
        UserError: another one is at work.
    """
    GUARD.parent.mkdir(parents=True, exist_ok=True)
    with GUARD.open("a+") as guard:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            guard.seek(0)
            raise UserError(
                f"another `make` runs the pipeline here (process {guard.read()}); wait for it or stop it"
            ) from None
        guard.truncate(0)
        guard.write(str(os.getpid()))
        guard.flush()
        yield guard


def refuse_beside_dvc() -> None:
    """Raises a UserError when a `dvc` that was started by hand is at work here."""
    try:
        held = json.loads(Path(".dvc/tmp/rwlock").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return
    readers = [holder for holders in held.get("read", {}).values() for holder in holders]
    pids = {holder["pid"] for holder in [*readers, *held.get("write", {}).values()]}
    for pid in sorted(filter(_is_dvc, pids)):
        raise UserError(f"another dvc runs the pipeline here (process {pid}); wait for it or stop it")


def repro(arguments: list[str], guard: IO[str]) -> int:
    """Runs `dvc repro`, with this Python and a warm server for its stages, and returns its exit code.

    DVC is quiet, since stages tell what they do. Ctrl-C reaches DVC from the terminal and ends its stage in
    order; SIGTERM and SIGHUP are passed on to DVC and its stage. DVC holds the guard too, and is ended when
    this process is killed.
    """
    with (
        warm_stages() as environment,
        subprocess.Popen(
            [sys.executable, "-m", "pipeline.cli.dvc", "repro", "--quiet", *arguments],
            env=os.environ | environment,
            pass_fds=[guard.fileno()],
            preexec_fn=_end_with_parent,
        ) as process,
    ):

        def end(number: int, _: FrameType | None) -> None:
            if number != signal.SIGINT:
                _terminate(process.pid)

        previous = {name: signal.signal(name, end) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            return process.wait()
        finally:
            for name, handler in previous.items():
                signal.signal(name, handler)


def _is_dvc(pid: int) -> bool:
    try:
        return any("dvc" in word for word in psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


def _terminate(pid: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        dvc = psutil.Process(pid)
        for process in [*dvc.children(recursive=True), dvc]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
