"""Looks into every network of an experiment: `python -m stages.probe PROBE`."""

import sys

from pipeline.config import load
from pipeline.probes.experiment import Places, probe
from stages.entry import run


def main() -> None:
    key, params = sys.argv[1], load()
    probe(params, key, Places.of(params, key))


if __name__ == "__main__":
    run(main)
