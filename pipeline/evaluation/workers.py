"""Units side by side: one process and one thread each, from a server that has torch loaded."""

import logging
import multiprocessing
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

import torch

from pipeline.errors import UserError
from pipeline.evaluation.unit import Unit, work
from pipeline.guard import die_with_ancestors


def evaluate_all(units: Mapping[str, Unit], *, workers: int) -> Iterator[str]:
    """Evaluates units by key and yields each key when its tables are stored.

    Raises:
        UserError: a unit can't be evaluated, or a process was killed.
    """
    if len(units) < 2 or workers == 1:
        _settle()
        for key, unit in units.items():
            work(unit, key)
            yield key
        return
    context = multiprocessing.get_context("forkserver")
    tasks = {unit.task for unit in units.values()}
    context.set_forkserver_preload([f"pipeline.evaluation.{task}" for task in sorted(tasks)])
    with ProcessPoolExecutor(min(workers, len(units)), mp_context=context, initializer=_start) as pool:
        futures = {pool.submit(work, unit, key): key for key, unit in units.items()}
        try:
            for future in as_completed(futures):
                future.result()
                yield futures[future]
        except BrokenProcessPool:
            raise UserError(
                "evaluate: a process was killed, perhaps out of memory; lower execution.workers and run again"
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    die_with_ancestors(parent=True)
    _settle()


def _settle() -> None:
    """One thread, so that the last bits don't depend on the number of cores; and no advice on blanks before
    full stops: some corpora are published so, and BLEU cuts marks off all the same."""
    torch.set_num_threads(1)
    logging.getLogger("sacrebleu").setLevel(logging.ERROR)
