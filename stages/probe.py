"""Looks into every network of an experiment: `python -m stages.probe KIND EXPERIMENT`."""

import sys

from pipeline.config import load
from pipeline.probes.experiment import Places, probe
from stages.entry import run


def main() -> None:
    (kind, experiment), params = sys.argv[1:], load()
    probe(params, kind, experiment, Places.of(params, kind, experiment))


if __name__ == "__main__":
    run(main)
