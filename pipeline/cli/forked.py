"""What DVC meets as `python` while `make` keeps a warm server: heavy stages are forked off it.

Everything else, and a stage whose code was changed since the server was made, runs as usual.
"""

import os
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from pipeline.guard import die_with_ancestors
from pipeline.warm import SOURCES, ask, serving, state

HEAVY = ("download", "prepare", "train", "evaluate", "probe", "bag")
"""Stages that run by the dozen, or that would start for longer than they work."""
CODE = (Path("pipeline"), Path("stages"))
FOLDER = Path(".unrolled/warm")
SCRIPT = """#!/bin/sh
exec {python} -c 'import sys; from pipeline.cli.forked import main; sys.exit(main(sys.argv[1:]))' "$@"
"""


def main(arguments: Sequence[str]) -> int:
    """Runs a Python command line; returns its exit code."""
    match arguments:
        case ["-m", module, *rest] if module in [f"stages.{name}" for name in HEAVY]:
            if state(CODE) == os.environ.get(SOURCES) and (job := ask(run_stage, module, rest)):
                # Ctrl-C reaches the stage too, which says how it ends.
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                die_with_ancestors(parent=False)
                return job.exit_code()
    os.execv(sys.executable, [sys.executable, *arguments])


def run_stage(module: str, arguments: list[str]) -> None:
    """What `python -m` does, on modules that are loaded already; stages are known by name alone here."""
    sys.argv = [module, *arguments]
    import_module("stages.entry").run(import_module(module).main)


@contextmanager
def warm_stages() -> Iterator[dict[str, str]]:
    """Keeps a server meanwhile; yields the environment in which `python` finds it."""
    from pipeline.training.tasks import TASK_MODULES

    tasks = [*TASK_MODULES.values(), *(f"pipeline.evaluation.{task}" for task in TASK_MODULES)]
    FOLDER.mkdir(parents=True, exist_ok=True)
    python = FOLDER / "python"
    python.write_text(SCRIPT.format(python=shlex.quote(sys.executable)), encoding="utf-8")
    python.chmod(0o755)
    preload = [*(f"stages.{name}" for name in HEAVY), "pipeline.training.fit", *tasks]
    with serving(preload, CODE) as found:
        folders = [str(FOLDER.resolve()), os.path.dirname(sys.executable), os.environ["PATH"]]
        yield found | {"PATH": os.pathsep.join(folders)}
