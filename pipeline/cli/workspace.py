"""What `make` does around `dvc repro`: params.yaml and dvc.lock are swapped, guarded and put back here.

    python -m pipeline.cli.workspace demo [-- DVC-ARGUMENT ...]
    python -m pipeline.cli.workspace repro [--params FILE] [-- DVC-ARGUMENT ...]
    python -m pipeline.cli.workspace claim ID
    python -m pipeline.cli.workspace restore

The demo runs on another parameter file and its own dvc.lock. Before it touches either, the originals go into
a marker file, synced to disk; whatever ends the demo, the next command finds the marker and restores first.
"""

import argparse
import os
import subprocess
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from pipeline.cli.repro import exclusive, refuse_beside_dvc, repro
from pipeline.cli.swap import MARKER, PARAMS, heal_lock, put_in_place, restore, swap_in
from pipeline.config import load
from pipeline.errors import UserError

DEMO = Path("params/embedded.yaml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command in the project's root; returns its exit code (2: a mistake, told in one line)."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "demo":
            return _demo(options.dvc)
        if options.command == "repro":
            return _repro(options.params, options.dvc)
        if options.command == "claim":
            return _claim(options.id)
        return _restore()
    except UserError as error:
        print(error, file=sys.stderr)
        return 2


def _demo(arguments: list[str]) -> int:
    profile = load(DEMO).profile
    with exclusive() as held:
        refuse_beside_dvc()
        restore()
        print(f"demo: {DEMO} stands in for params.yaml while this runs")
        swap_in(DEMO, profile)
        try:
            code = repro(arguments, held)
        finally:
            restore()
    if code == 0:
        print(f"\nreport   {Path('report', profile, 'index.html').resolve()}")
        print("MLflow   make ui")
        print("next     make repro: the same on the real corpora")
    return code


def _repro(params: Path, arguments: list[str]) -> int:
    with exclusive() as held:
        refuse_beside_dvc()
        restore()
        profile = load(params).profile
        put_in_place(params)
        heal_lock()
        code = repro(arguments, held)
    if code == 0:
        print(f"report   {Path('report', profile, 'index.html')}")
    return code


def _claim(name: str) -> int:
    """Runs what one claim needs on the embedded corpora, judges, and opens the page at its verdict."""
    # Judges load SciPy and pandas, which no other command here should wait for.
    from pipeline.cli.one_claim import needed, verdict_of

    params = load(DEMO)
    targets = needed(name, params)
    with exclusive() as held:
        refuse_beside_dvc()
        restore()
        swap_in(DEMO, params.profile)
        try:
            # Like `make ledger` not through DVC: of the other experiments there may be nothing yet.
            code = repro(targets, held) or _stage("judge") or _stage("report")
        finally:
            restore()
    if code == 0:
        row = verdict_of(name, Path("results", params.profile))
        page = Path("report", params.profile, "index.html").resolve()
        print(f"\n{row['id']}: {row['verdict']} (embedded corpora). {row['summary']}")
        print(f"report   {page.as_uri()}#claim-{name}")
        if sys.platform != "linux" or {"DISPLAY", "WAYLAND_DISPLAY"} & {*os.environ}:
            webbrowser.open(f"{page.as_uri()}#claim-{name}")
    return code


def _stage(name: str) -> int:
    return subprocess.run([sys.executable, "-m", f"stages.{name}"]).returncode


def _restore() -> int:
    if MARKER.exists():
        with exclusive():
            restore()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="workspace", description="swap parameters and run DVC")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("demo", "repro"):
        command = commands.add_parser(name)
        command.add_argument("dvc", nargs="*", help="arguments for dvc repro")
        if name == "repro":
            command.add_argument("--params", type=Path, default=PARAMS)
    commands.add_parser("claim").add_argument("id", nargs="?", default="")
    commands.add_parser("restore")
    return parser


if __name__ == "__main__":
    sys.exit(main())
