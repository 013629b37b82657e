"""What every stage does around its one library call: print a user's error as a line, keep telemetry off."""

import errno
import os
import sys
from collections.abc import Callable

from pipeline.errors import UserError
from pipeline.guard import die_with_ancestors

TELEMETRY_OFF = {"DO_NOT_TRACK": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}


def run(main: Callable[[], None]) -> None:
    """Runs a stage's `main`: a UserError is printed and ends the process with 2, an interrupt with 130."""
    os.environ.update(TELEMETRY_OFF)
    die_with_ancestors(parent=False)
    try:
        main()
    except UserError as error:
        sys.exit(_failed(str(error)))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        place = error.filename or "the disk"
        sys.exit(_failed(f"{place}: no space left; nothing half-written was kept; free some and run again"))
    except KeyboardInterrupt:
        sys.exit(130)


def _failed(message: str) -> int:
    print(message, file=sys.stderr)
    return 2
