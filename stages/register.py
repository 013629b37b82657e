"""Mirrors results into MLflow and registers the best models: `python -m stages.register`."""

from pathlib import Path

from pipeline.config import load
from pipeline.tracking.register import register
from pipeline.tracking.store import project_root
from stages.entry import run


def main() -> None:
    for line in register(load(), Path(), project_root()):
        print(line, flush=True)


if __name__ == "__main__":
    run(main)
