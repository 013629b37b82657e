"""No orphan goes on training: a process that ends when those who started it are gone."""

import os
import threading
import time

import psutil

POLL_SECONDS = 0.5
DVC = ("dvc", "dvc.exe", "pipeline.cli.dvc")


def die_with_ancestors(*, parent: bool) -> None:
    """Ends the process, from a background thread, once an ancestor up to the `dvc` that runs it is gone.

    A shell may stand between DVC and the stage, so watching the parent alone wouldn't do. `parent`: also end
    without the process that started this one, where no DVC is above (a run belongs to its stage; a stage
    started by hand may outlive its shell).
    """
    watched = _ancestors(parent)
    threading.Thread(target=_watch, args=(watched,), daemon=True, name="guard").start()


def _ancestors(parent: bool) -> list[psutil.Process]:
    above = psutil.Process().parents()
    upto = next((place + 1 for place, ancestor in enumerate(above) if _is_dvc(ancestor)), 0)
    if upto or not parent:
        return above[:upto]
    return above[:1]


def _is_dvc(process: psutil.Process) -> bool:
    try:
        return any(os.path.basename(word) in DVC for word in process.cmdline()[:3])
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
