"""Tries the properties that mathematics decides: `python -m stages.check`."""

from pathlib import Path

from pipeline.config import load
from pipeline.probes.identities.suite import run_all, write
from stages.entry import run


def main() -> None:
    checks = list(run_all())
    write(checks, Path("results") / load().profile / "probes/identities")
    print(f"check: {sum(each.passed for each in checks)} of {len(checks)} properties hold as the notes say")


if __name__ == "__main__":
    run(main)
