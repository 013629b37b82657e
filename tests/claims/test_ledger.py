"""The ledger: every claim of the notes, judged from files alone."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.claims.ledger import judge_all
from pipeline.claims.markdown import ledger
from pipeline.claims.rows import ClaimRow, counts
from pipeline.claims.sections import SECTIONS
from pipeline.claims.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]


def test_ids_are_unique_and_red_claims_are_marked() -> None:
    claims = [claim for section in SECTIONS for claim in section.claims]
    assert len({claim.id for claim in claims}) == len(claims) == 53
    assert {claim.id for claim in claims if claim.red} == {
        "intro-variable-length",
        "intro-padding",
        "memory",
        "vanishing-gradient",
        "bidirectional-sentiment",
        "bidirectional-forecast",
        "dropout",
        "attention-long",
        "limits-transfer",
    }


def test_without_results_every_claim_says_what_was_not_run(tmp_path: Path) -> None:
    rows = judge_all(tmp_path, [])
    assert {row["verdict"] for row in rows} == {"not run"}
    assert all("not run" in row["summary"].lower() for row in rows)


def test_results_of_a_deleted_experiment_are_not_read(made_up: Any) -> None:
    scores = {
        name: {"mae": [0.1, 0.1, 0.2]} for name in ("regression", "ordinal", "classes", "mean", "ridge")
    }
    made_up.experiment("stars", scores)
    verdicts = [
        {row["id"]: row["verdict"] for row in judge_all(made_up.folder, names)}["many-to-one-rating"]
        for names in (["stars"], [])
    ]
    assert verdicts[0] != "not run"
    assert verdicts[1] == "not run"


def test_a_claim_that_depends_says_on_what(made_up: Any) -> None:
    scores = {"masked": 0.8, "after": 0.6, "before": 0.9}
    names = ["padding", "padding_long"]
    for experiment in names:
        made_up.experiment(
            experiment,
            {name: {"accuracy": [value, value, value + 0.001]} for name, value in scores.items()},
            task="classification",
        )
    made_up.checks("intro-padding", [True])
    row = {row["id"]: row for row in judge_all(made_up.folder, names)}["intro-padding"]
    assert row["verdict"] == "depends"
    assert row["lesson"] == (
        "So it is here: masked against after (padding); masked against after (padding_long). "
        "Not here: masked against before (padding); masked against before (padding_long)."
    )


def test_the_verdict_changes_with_the_numbers_and_so_does_its_text(made_up: Any) -> None:
    names = ("regression", "ordinal", "classes")
    baselines = {name: {"mae": [2.0, 2.0, 2.1]} for name in ("mean", "ridge")}
    told = []
    for error in (1.0, 3.0):
        made_up.experiment(
            "stars", {**{name: {"mae": [error, error, error + 0.01]} for name in names}, **baselines}
        )
        row = next(row for row in judge_all(made_up.folder, ["stars"]) if row["id"] == "many-to-one-rating")
        told.append((row["verdict"], row["summary"]))
    assert [verdict for verdict, _ in told] == ["holds", "refuted"]
    assert "+1.0" in told[0][1]
    assert "-1.0" in told[1][1]


def test_what_would_decide_is_told(made_up: Any) -> None:
    scores = {name: {"mae": [1.0, 2.0, 3.0]} for name in ("regression", "ordinal", "classes")}
    made_up.experiment("stars", scores | {name: {"mae": [2.2]} for name in ("mean", "ridge")})
    row = next(row for row in judge_all(made_up.folder, ["stars"]) if row["id"] == "many-to-one-rating")
    assert row["verdict"] == "inconclusive"
    assert "seeds" in row["needs"]


def test_rows_are_plain_values_and_say_where_the_data_are_from(made_up: Any) -> None:
    scores = {
        name: {"mae": [1.0, 1.1, 1.2]} for name in ("regression", "ordinal", "classes", "mean", "ridge")
    }
    made_up.experiment("stars", scores)
    rows = judge_all(made_up.folder, ["stars"])
    assert json.loads(json.dumps(rows)) == rows
    row = next(row for row in rows if row["id"] == "many-to-one-rating")
    assert row["sources"][0]["embedded"] is True
    assert row["sources"][0]["seeds"] == 3


def test_the_committed_results_are_judged_again_without_models_or_caches(tmp_path: Path) -> None:
    results = tmp_path / "results"
    shutil.copytree(ROOT / "results/full", results)
    names = [path.parent.name for path in results.glob("*/provenance.json")]
    rows = [ClaimRow.model_validate(row) for row in judge_all(results, names)]
    told = counts(rows)
    assert told[Verdict.NOT_RUN] < len(rows)
    assert sum(told.values()) == len(rows)
    page = ledger(rows)
    assert all(f"`{row.id}`" in page for row in rows)


def test_an_experiment_whose_metric_has_no_items_is_judged_by_its_seeds(made_up: Any) -> None:
    scores = {
        name: {"mae": [1.0, 1.1, 1.2]} for name in ("regression", "ordinal", "classes", "mean", "ridge")
    }
    made_up.experiment("stars", scores)
    columns = ["split", "metric", "a", "b", "difference", "error", "items"]
    made_up.table("stars", "tables/paired", pd.DataFrame(columns=columns))
    row = next(row for row in judge_all(made_up.folder, ["stars"]) if row["id"] == "many-to-one-rating")
    assert row["verdict"] == "inconclusive"
    assert not any(one["items_counted"] for one in row["comparisons"])
