"""Sets every network of an experiment beside a bag of words: `python -m stages.bag EXPERIMENT`."""

import sys

from pipeline.config import load
from pipeline.probes.bag import Places, compare
from stages.entry import run


def main() -> None:
    (experiment,), params = sys.argv[1:], load()
    compare(params, experiment, Places.of(params, experiment))


if __name__ == "__main__":
    run(main)
