"""Jobs side by side: one process and one thread each, from a server that has torch loaded."""

import logging
import multiprocessing
import signal
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

import torch

from pipeline.errors import UserError
from pipeline.guard import die_with_ancestors

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
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(sorted(modules))
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context, initializer=_start) as pool:
        futures = {pool.submit(function, *arguments): key for key, arguments in jobs.items()}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool:
            raise UserError(
                f"{stage}: a process was killed, perhaps out of memory; lower execution.workers and run again"
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def settle() -> None:
    """One thread, so that the last bits don't depend on the number of cores; and no advice on blanks before
    full stops: some corpora are published so, and BLEU cuts marks off all the same."""
    torch.set_num_threads(1)
    logging.getLogger("sacrebleu").setLevel(logging.ERROR)


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    die_with_ancestors(parent=True)
    settle()
