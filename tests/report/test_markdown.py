"""docs/results.md: its numbers are the summaries', and the committed page is the committed results'."""

import copy
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from pipeline.config import parse
from pipeline.config.schema.params import Params
from pipeline.files import read_json, write_json
from pipeline.report.findings import Score
from pipeline.report.load import Digests, read_records, read_studies
from pipeline.report.markdown import cell, in_markdown

STALE = re.compile(r" · \*\*[a-z ]+\*\*")
"""Marks of results that other code or parameters made: they come and go with every change."""


def scores(params: Params, results: Path, current: dict[str, Digests]) -> str:
    return in_markdown(read_studies(params, results, read_records(params, results), current))


@pytest.fixture(scope="module")
def page(pristine: Any) -> str:
    return scores(pristine.params, pristine.results, pristine.current)


def test_every_variant_has_a_row_with_what_it_changes_and_its_scores(page: str, pristine: Any) -> None:
    summary = pd.read_csv(pristine.results / "sentiment/summary.csv")
    rows = summary[(summary["split"] == "test") & (summary["metric"] == "accuracy")].set_index("variant")
    lines = {line.split(" | ")[0]: line for line in page.splitlines() if line.startswith("| ")}
    gru = lines["| gru <sub>cell gru</sub>"]
    assert f"{rows['mean']['gru']:.3f} ({rows['low']['gru']:.3f} to {rows['high']['gru']:.3f})" in gru
    assert f"| *majority* | {rows['mean']['majority']:.3f} |" in page
    assert "| validation |" not in page


def test_what_was_not_run_and_what_is_older_is_said(page: str, project: Any) -> None:
    assert "`filler`: not run." in page
    assert "older than the code" not in page
    project.current["sentiment"] = Digests("other", "parameters")
    later = scores(project.params, project.results, project.current)
    assert later.count("**older than the code**") == 1


def test_chosen_learning_rates_are_told_with_what_they_were_chosen_from(project: Any) -> None:
    def told(*rates: tuple[str, float, bool]) -> str:
        path = project.results / "sentiment/provenance.json"
        (facts,) = read_json(path)
        keys = ("variant", "learning_rate", "chosen")
        facts["trials"] = [dict(zip(keys, rate, strict=True)) | {"score": 0.5, "seeds": 2} for rate in rates]
        write_json(path, [facts])
        page = scores(project.params, project.results, project.current)
        (line,) = [line for line in page.splitlines() if line.startswith("Learning rates")]
        assert "(2 seeds)" in line
        return line.partition(": ")[2]

    alike = told(("lstm", 0.001, False), ("lstm", 0.002, True), ("rnn", 0.001, True), ("rnn", 0.002, False))
    assert alike == "lstm 0.002, rnn 0.001 (of 0.001, 0.002)."
    apart = told(("lstm", 0.001, False), ("lstm", 0.002, True), ("rnn", 0.004, True), ("rnn", 0.5, False))
    assert apart == "lstm 0.002 (of 0.001, 0.002), rnn 0.004 (of 0.004, 0.5)."


def test_rates_that_a_variant_tries_are_told_with_the_chosen_ones_alone(project: Any) -> None:
    params = copy.deepcopy(project.params)
    grid = params.experiments["sentiment"].grid
    grid["gru"] = {"model": {"cell": "gru"}, "training": {"learning_rate": [0.001, 0.002]}}
    assert "| gru <sub>cell gru</sub> |" in scores(params, project.results, project.current)
    grid["gru"] = {"model": {"cell": "gru"}, "training": {"learning_rate": 0.001}}
    assert "| gru <sub>cell gru, learning_rate 0.001</sub> |" in scores(
        params, project.results, project.current
    )


@pytest.mark.parametrize(
    ("score", "told"),
    [
        (Score(0.8893, 0.8756, 0.9029, 3), "0.889 (0.876 to 0.903)"),
        (Score(0.8893, None, None, 1), "0.889"),
        (Score(0.02603, 0.02563, 0.02643, 5), "0.0260 (0.0256 to 0.0264)"),  # the spread needs a decimal more
        (Score(0.00526, None, None, 1), "0.0053"),
        (Score(0.0, None, None, 1), "0.000"),
        (Score(0.5, 0.5, 0.5, 3), "0.500 (0.500 to 0.500)"),
        (Score(1e-9, None, None, 1), "0.000000"),
        (None, ""),
    ],
)
def test_a_score_has_the_decimals_that_its_interval_deserves(score: Score | None, told: str) -> None:
    assert cell("accuracy", score) == told


def test_the_committed_page_is_that_of_the_committed_results(root: Path) -> None:
    params = parse(yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8")))
    current = {name: Digests("code", "parameters") for name in params.experiments}
    made = scores(params, root / "results/full", current)
    committed = (root / "docs/results.md").read_text(encoding="utf-8")
    assert STALE.sub("", made) == STALE.sub("", committed), "run `make ledger`"
