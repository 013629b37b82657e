"""Draws the page of the profile's results: `python -m stages.report`."""

from pathlib import Path

from pipeline.claims.rows import REAL
from pipeline.config import load
from pipeline.evaluation.provenance import parameters_digest
from pipeline.report.load import Digests
from pipeline.report.page import write_report
from pipeline.training.signature import code_of
from pipeline.training.tasks import module_of
from stages.entry import run

SCORES = Path("docs/results.md")


def main() -> None:
    params = load()
    current = {
        name: Digests(
            code=code_of(module_of(experiment), params.trainer.accelerator),
            parameters=parameters_digest(params, name),
        )
        for name, experiment in params.experiments.items()
    }
    results, predictions, report = (
        Path(folder) / params.profile for folder in ("results", "predictions", "report")
    )
    scores = SCORES if params.profile == REAL else None
    write_report(params, results, predictions, current, report / "index.html", scores)
    print(f"report: {report / 'index.html'}")


if __name__ == "__main__":
    run(main)
