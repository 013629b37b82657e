"""No orphan goes on training: a process that ends when those who started it are gone."""

import os
import threading
import time

import psutil

POLL_SECONDS = 0.5


def die_with_ancestors() -> None:
    """Watches, in a background thread, the ancestors up to the `dvc` that runs this stage; ends the process without them.

    A shell may stand between DVC and the stage, so watching the parent alone wouldn't do.
    """
    watched = _ancestors()
    threading.Thread(target=_watch, args=(watched,), daemon=True, name="guard").start()


def _ancestors() -> list[psutil.Process]:
    chain: list[psutil.Process] = []
    for ancestor in psutil.Process().parents():
        chain.append(ancestor)
        if _is_dvc(ancestor):
            return chain
    return chain[:1]


def _is_dvc(process: psutil.Process) -> bool:
    try:
        return any(os.path.basename(word) in ("dvc", "dvc.exe") for word in process.cmdline()[:3])
    except psutil.Error:
        return False


def _watch(ancestors: list[psutil.Process]) -> None:
    # is_running() compares creation times: a recycled pid doesn't count as alive.
    while all(_alive(ancestor) for ancestor in ancestors):
        time.sleep(POLL_SECONDS)
    os._exit(1)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
