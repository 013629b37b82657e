"""Times training steps over lengths and batch sizes: `python -m stages.timing`."""

from pathlib import Path

from pipeline.config import load
from pipeline.probes.timing import measure
from stages.entry import run


def main() -> None:
    params = load()
    measure(params, Path("results") / params.profile / "probes/timing")


if __name__ == "__main__":
    run(main)
