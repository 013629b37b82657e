"""A run as a process: forked from a warm server, or on its own as `python -m pipeline.training.run FOLDER`.

The latter is used with several devices: Lightning relaunches exactly this command for each rank.
"""

import contextlib
import os
import signal
import sys
import traceback
from pathlib import Path

from pipeline.errors import UserError
from pipeline.files import write_text
from pipeline.guard import die_with_ancestors
from pipeline.training.kernels import brings_kernels
from pipeline.training.spec import RunSpec
from pipeline.training.store import locked

FAILED = 3
"""Exit code of a run that left its reason in error.txt."""


def work(folder: Path) -> None:
    """Trains the run of `folder`, output into its log.txt; a failure leaves one line in error.txt.

    Ctrl-C reaches the whole group: the scheduler answers it, the runs leave it to him.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with (folder / "log.txt").open("a", buffering=1) as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    (folder / "error.txt").unlink(missing_ok=True)
    first_rank = int(os.environ.get("LOCAL_RANK", "0")) == 0
    try:
        with locked(folder) if first_rank else contextlib.nullcontext():
            from pipeline.training.fit import fit

            if brings_kernels(RunSpec.read(folder / "spec.json").parameters["trainer"]["accelerator"]):
                from pipeline.nn.cudnn import use_autocast_precision

                use_autocast_precision()
            fit(folder)
    except UserError as error:
        _fail(folder, str(error))
    except Exception as error:
        traceback.print_exc()
        _fail(
            folder, f"{folder}: {type(error).__name__}: {error}; the whole story is in {folder / 'log.txt'}"
        )


def _fail(folder: Path, message: str) -> None:
    write_text(folder / "error.txt", " ".join(message.split()) + "\n")
    sys.exit(FAILED)


if __name__ == "__main__":
    die_with_ancestors(parent=True)
    work(Path(sys.argv[1]))
