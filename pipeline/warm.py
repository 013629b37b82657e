"""Processes that start in milliseconds: forked off a server that has imported torch and Lightning before.

`make` keeps one server for all stages of its `dvc repro` (`serving`); a stage that was started in another way
makes one of its own. Both are the fork server of `multiprocessing`.
"""

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener, Pipe, wait
from pathlib import Path
from typing import Any

from pipeline.code import ROOTS
from pipeline.errors import UserError
from pipeline.files import sha256_of_bytes

ADDRESS = "UNROLLED_WARM_ADDRESS"
"""Environment variable: where the server that `make` keeps is reached."""
SOURCES = "UNROLLED_WARM_SOURCES"
"""Environment variable: the state of the source files when that server was made."""
PATIENCE = 10
"""Seconds until a server that says nothing is taken for none."""

CONTEXT = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class Outcome:
    """How a function in a process ended; `code` is what its process would have exited with."""

    code: int
    value: Any = None
    error: Exception | None = None


KILLED = Outcome(-9)
"""Of a process that ended without a word, whatever the reason."""


class Job:
    """A function at work in a process of its own, which ends with whoever holds this."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.pid: int = connection.recv()
        self._outcome: Outcome | None = None

    @property
    def code(self) -> int | None:
        """Exit code, KILLED's where the process died; None while it runs."""
        return self._ended().code if self._outcome or self.connection.poll() else None

    def result(self) -> Any:
        """Waits for the function's value.

        Raises:
            Exception: that of the function.
            ProcessLookupError: the process was killed.
        """
        outcome = self._ended()
        if outcome.error is not None:
            raise outcome.error
        if outcome is KILLED:
            raise ProcessLookupError("the process was killed")
        return outcome.value

    def exit_code(self) -> int:
        """Waits for the end."""
        return self._ended().code

    def kill(self) -> None:
        if self.code is None:
            with contextlib.suppress(ProcessLookupError):  # it ended by itself just now
                os.kill(self.pid, signal.SIGKILL)

    def _ended(self) -> Outcome:
        if self._outcome is None:
            try:
                self._outcome = self.connection.recv()
            except (EOFError, ConnectionError):
                self._outcome = KILLED
        return self._outcome


def start(function: Callable[..., Any], *arguments: Any, preload: Collection[str] = ()) -> Job:
    """Calls a function in a new process, from the server of `make` if there is one, else from an own one.

    Its environment is that of this process; its output goes where the server's goes.

    Args:
        preload: modules that a server of this process's own imports, once, before it forks.
    """
    job = ask(function, *arguments)
    if job is None:
        _preload(preload)
        ours, theirs = Pipe()
        _fork(theirs, _packed(function, arguments))
        theirs.close()
        job = Job(ours)
    return job


def ask(function: Callable[..., Any], *arguments: Any) -> Job | None:
    """As `start`, but None where `make` keeps no server or it isn't warm yet."""
    address = os.environ.get(ADDRESS)
    if address is None:
        return None
    try:
        connection = Client(address, "AF_UNIX")
        connection.send_bytes(_packed(function, arguments))
        return Job(connection) if connection.poll(PATIENCE) and connection.recv() else None
    except (OSError, EOFError):
        return None


def ready(jobs: Sequence[Job]) -> list[Job]:
    """Those that are done, after a wait for the first of them."""
    by_connection = {job.connection: job for job in jobs}
    return [by_connection[end] for end in wait(by_connection) if isinstance(end, Connection)]


@contextlib.contextmanager
def serving(preload: Collection[str], sources: Sequence[Path]) -> Iterator[dict[str, str]]:
    """Keeps a server for the processes started meanwhile, which find it by the environment that this yields.

    The server warms up at the first request; those that come before it is warm are turned down.
    """
    with Listener(family="AF_UNIX") as listener:
        threading.Thread(target=_serve, args=(listener, preload), daemon=True).start()
        yield {ADDRESS: str(listener.address), SOURCES: state(sources)}


def state(sources: Sequence[Path]) -> str:
    """Changes whenever a Python file in these folders does: a warm server would go on running the old one."""
    files = sorted(file for folder in sources for file in folder.rglob("*.py"))
    stats = [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files]
    return sha256_of_bytes(repr(stats).encode())


def _preload(modules: Collection[str]) -> None:
    # Each process runs the module that Python was started with again, and needs what that imports.
    loaded = [name for name in sys.modules if name.split(".")[0] in ROOTS]
    CONTEXT.set_forkserver_preload(sorted({*modules, *loaded}))


def _packed(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    return pickle.dumps((function, arguments, dict(os.environ)))


def _fork(connection: Connection, payload: bytes) -> None:
    CONTEXT.Process(target=_work, args=(connection, payload)).start()


def _serve(listener: Listener, preload: Collection[str]) -> None:
    warm = threading.Event()
    warming = threading.Thread(target=_warm_up, args=(preload, warm), daemon=True)
    while True:
        try:
            connection = listener.accept()
        except OSError:
            return
        # Who asked may be gone by now, or there is no room for a process: he finds the line dead, and does
        # without.
        with connection, contextlib.suppress(OSError, EOFError):
            payload = connection.recv_bytes()
            connection.send(warm.is_set())
            if warm.is_set():
                _fork(connection, payload)
            elif warming.ident is None:
                warming.start()
        # Collects those that ended.
        multiprocessing.active_children()


def _warm_up(preload: Collection[str], warm: threading.Event) -> None:
    _preload(preload)
    process = CONTEXT.Process(target=os.getpid)
    process.start()
    process.join()
    warm.set()


def _work(connection: Connection, payload: bytes) -> None:
    """The new process: tells its starter its id and how the function ended, or ends with him."""
    done = threading.Event()
    with contextlib.suppress(ConnectionError):  # he is gone
        connection.send(os.getpid())
        watch = threading.Thread(target=_end_with_starter, args=(connection, done), daemon=True)
        watch.start()
        function, arguments, environment = pickle.loads(payload)
        os.environ.clear()
        os.environ.update(environment)
        outcome = _outcome(function, arguments)
        sys.stdout.flush()
        done.set()
        connection.send(outcome)


def _end_with_starter(connection: Connection, done: threading.Event) -> None:
    # He never says anything: what arrives is the end of the line.
    connection.poll(None)
    if not done.is_set():
        os._exit(1)


def _outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    try:
        return Outcome(0, value=function(*arguments))
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return Outcome(end.code if isinstance(end.code, int) else int(end.code is not None))
    except UserError as error:
        return Outcome(2, error=error)
    except Exception as error:
        traceback.print_exc()
        return Outcome(1, error=error)
