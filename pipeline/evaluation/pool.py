"""Jobs side by side: one process and one thread each, from a server that has torch loaded."""

import logging
import signal
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

import torch

from pipeline.errors import UserError
from pipeline.warm import Job, ready, start

R = TypeVar("R")


def side_by_side(
    function: Callable[..., R],
    jobs: Mapping[str, tuple[Any, ...]],
    *,
    modules: Collection[str],
    workers: int,
    stage: str,
) -> Iterator[tuple[str, R]]:
    """Yields each job's key and what `function` makes of its arguments, as they are done.

    `modules`: to be loaded once, before the processes are forked. `stage`: whom a message names.

    Raises:
        UserError: of the function, or a process was killed.
    """
    waiting, running = list(jobs), dict[Job, str]()
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                key = waiting.pop(0)
                running[start(_settled, function, *jobs[key], preload=modules)] = key
            for job in ready([*running]):
                yield running.pop(job), job.result()
    except ProcessLookupError:
        raise UserError(
            f"{stage}: a process was killed, perhaps out of memory; lower execution.workers and run again"
        ) from None
    finally:
        for job in running:
            job.kill()


def settle() -> None:
    """One thread, so that the last bits don't depend on the number of cores; and no advice on blanks before
    full stops: some corpora are published so, and BLEU cuts marks off all the same."""
    torch.set_num_threads(1)
    logging.getLogger("sacrebleu").setLevel(logging.ERROR)


def _settled(function: Callable[..., R], *arguments: Any) -> R:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    settle()
    return function(*arguments)
