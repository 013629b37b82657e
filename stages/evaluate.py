"""Scores every variant, seed and baseline of an experiment: `python -m stages.evaluate EXPERIMENT`."""

import sys

from pipeline.config import load
from pipeline.evaluation.experiment import Places, evaluate
from stages.entry import run


def main() -> None:
    key, params = sys.argv[1], load()
    evaluate(params, key, Places.of(params, key))


if __name__ == "__main__":
    run(main)
