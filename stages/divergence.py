"""Trains plain RNNs that may diverge, with and without clipping: `python -m stages.divergence`."""

from pathlib import Path

from pipeline.config import load
from pipeline.probes.divergence import measure
from stages.entry import run


def main() -> None:
    params = load()
    measure(params, Path("results") / params.profile / "probes/divergence")


if __name__ == "__main__":
    run(main)
