"""Networks side by side: one process and one thread each, from a server that has torch loaded."""

import importlib
import multiprocessing
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pipeline.bundle.load import load
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.evaluation.tables import Tables
from pipeline.guard import die_with_ancestors


@dataclass(frozen=True)
class Look:
    """One bundle to be looked into. `module`: of pipeline.probes; `settings`: the probe's block in params."""

    module: str
    bundle: Path
    dataset: Path
    settings: Mapping[str, Any]


def look(what: Look) -> Tables:
    dataset = PreparedDataset.open(what.dataset)
    try:
        tables: Tables = importlib.import_module(what.module).probe_bundle(
            load(what.bundle), dataset, what.settings
        )
    except UserError as error:
        raise UserError(f"{what.bundle}: {error}") from None
    return tables


def look_into_all(looks: Mapping[str, Look], *, workers: int) -> Iterator[tuple[str, Tables]]:
    """Yields each key with its tables when they are done.

    Raises:
        UserError: a bundle can't be looked into, or a process was killed.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(sorted({what.module for what in looks.values()}))
    with ProcessPoolExecutor(min(workers, len(looks)), mp_context=context, initializer=_start) as pool:
        futures = {pool.submit(look, what): key for key, what in looks.items()}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool:
            raise UserError(
                "probe: a process was killed, perhaps out of memory; lower execution.workers and run again"
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _start() -> None:
    """One thread, so that the last bits don't depend on the number of cores."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    die_with_ancestors(parent=True)
    torch.set_num_threads(1)
