"""Networks that answer, and what they must beat, evaluated."""

import json

import pandas as pd
import pytest

from pipeline.errors import UserError
from pipeline.evaluation import answer_baselines
from pipeline.evaluation.experiment import evaluate
from pipeline.evaluation.transduction import _groups
from pipeline.metrics.answers import exact_match
from pipeline.report.load import TABLES

TRAIN = pd.DataFrame(
    {
        "source": [
            "red fox ran. It hid.",
            "red fox sat.",
            "old owl flew by. Why?",
            "old owl sat on a branch.",
        ],
        "target": ["fox ran", "fox", "owl", "owl"],
        "group": ["a", "a", "b", "b"],
    }
)


@pytest.fixture
def tables(project):
    evaluate(project.params, "answer", project.places("answer"), tell=lambda line: None)
    folder = project.places("answer").results
    found = {path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.csv")}
    return {name: pd.read_csv(path) for name, path in found.items()}


def test_tables_have_the_report_s_columns(project, tables):
    found = {name: list(table) for name, table in tables.items()}
    assert found.pop("tables/paired") == ["split", "metric", "a", "b", "difference", "error", "items"]
    assert found == TABLES["transduction"]
    scores = tables["scores"]
    assert list(scores["split"].unique()) == ["test", "other", "validation"]
    models = scores[scores["role"] == "model"]
    assert set(models["metric"]) == {"exact_match", "exact_match_greedy"}
    assert set(scores[scores["role"] == "baseline"]["metric"]) == {"exact_match"}
    headline = json.loads((project.places("answer").results / "metrics/luong.json").read_text())
    assert set(headline) >= {"exact_match", "exact_match_halfwidth"}


def test_scores_follow_from_predictions_and_those_of_groups_from_scores(project, tables):
    predictions = pd.read_parquet(project.places("answer").predictions / "predictions.parquet")
    scores, groups = tables["scores"], tables["tables/by_group"]
    assert set(predictions["variant"]) == set(scores["variant"]) == set(groups["variant"])
    for place, own in predictions.groupby(["variant", "seed", "split"]):
        value = exact_match(own["hypothesis"].tolist(), own["references"].tolist()).value
        row = scores.set_index(["variant", "seed", "split", "metric"]).loc[(*place, "exact_match")]
        assert row["value"] == pytest.approx(value)
        parts = groups.set_index(["variant", "seed", "split"]).loc[place]
        assert list(parts["group"]) == ["first", "count"]
        assert (parts["value"] * parts["rows"]).sum() / parts["rows"].sum() == pytest.approx(value)


def test_what_is_shown_is_answered_by_every_system(project, tables):
    shown = pd.read_parquet(project.places("answer").predictions / "shown.parquet")
    assert set(shown["variant"]) == set(tables["scores"]["variant"])
    assert set(shown["source"]) == {"one two three"}


def test_rows_without_groups_are_told_apart_by_length():
    rows = pd.DataFrame({"source": ["a " * n for n in (1, 200, 15, 10, 11, 0)]})
    assert _groups(rows) == {"1-10 words": [0, 3, 5], "11-20 words": [2, 4], "161+ words": [1]}


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("most_frequent", ["owl", "owl", "owl"]),
        ("most_frequent_by_group", ["fox ran", "owl", "owl"]),
        ("nearest", ["fox", "owl", "owl"]),
        ("first_sentence", ["red fox sat down!", "an old owl flew", "owl."]),
        ("first_words", ["red", "an", "owl."]),
    ],
)
def test_baselines_answer_what_they_promise(name, answers):
    rows = pd.DataFrame(
        {
            "source": ["red fox sat down! Then.", "an old owl flew", "owl. Owl."],
            "group": ["a", "b", "never seen"],
        }
    )
    assert answer_baselines.fit(name, TRAIN)(rows) == answers


def test_chance_draws_from_the_group_s_answers_always_the_same():
    answer = answer_baselines.fit("chance", TRAIN)
    rows = pd.DataFrame({"source": "x", "group": ["a"] * 200 + ["b"] * 200})
    found = answer(rows)
    assert set(found[200:]) == {"owl"}
    assert 70 < found[:200].count("fox") < 130
    assert found == answer(rows)


def test_groups_that_are_not_there_are_asked_for():
    with pytest.raises(UserError, match="most_frequent_by_group: the dataset names no group; name one"):
        answer_baselines.fit("most_frequent_by_group", TRAIN.drop(columns="group"))
