"""Charts hold the numbers of the tables, and nothing that JSON can't."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.report import figures
from pipeline.report.findings import Score, System
from pipeline.report.samples import Alignment
from pipeline.report.tasks import classification, tagging, translation


def values(spec: dict[str, Any], layer: int | None = None) -> list[dict[str, Any]]:
    place = spec if layer is None else spec["layer"][layer]
    rows = list(place["data"]["values"])
    if {"flatten": list(rows[0])} not in spec.get("transform", []):
        return rows
    (columns,) = rows
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def test_long_curves_are_averaged_and_keep_their_ends() -> None:
    steps = np.arange(1, 3001)
    line = pd.DataFrame({"variant": "rnn", "seed": 0, "step": steps, "value": steps / 3000})
    rows = values(figures.curves(line, "step", "Training loss", ["rnn"]))
    assert len(rows) == figures.POINTS
    assert rows[0]["step"] == pytest.approx(np.mean(steps[:20]))
    assert rows[-1]["value"] == pytest.approx(np.mean(steps[-20:]) / 3000, rel=1e-4)


def test_short_curves_stay_as_they_are() -> None:
    line = pd.DataFrame({"variant": "rnn", "seed": [0, 0, 1], "epoch": [0, 1, 0], "value": [0.3, 0.5, 0.7]})
    rows = values(figures.curves(line, "epoch", "Validation score", ["rnn"]))
    assert [row["value"] for row in rows] == [0.3, 0.5, 0.7]


def test_a_single_point_shows_although_it_makes_no_line() -> None:
    line = pd.DataFrame({"variant": "rnn", "seed": [0, 1], "epoch": [1, 1], "value": [0.3, 0.5]})
    spec = figures.curves(line, "epoch", "Validation score", ["rnn"])
    assert spec["layer"][1]["encoding"]["opacity"]["value"] == 1


def test_missing_intervals_become_null() -> None:
    found = [System("rnn", False, {"accuracy": Score(0.7, None, None, 1)})]
    seeds = pd.DataFrame({"variant": ["rnn", "nbsvm"], "seed": [0, -1], "value": [0.7, float("nan")]})
    spec = figures.ranking(found, seeds, "accuracy")
    json.dumps(spec, allow_nan=False)
    assert values(spec)[0]["low"] is None
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["point", "point"], (
        "no bar without an interval"
    )
    assert [row["system"] for row in values(spec, 1)] == ["rnn"], "a baseline has no seeds"


def test_confusion_shares_are_of_the_actual_class_over_all_seeds() -> None:
    frame = pd.DataFrame(
        {
            "seed": [0, 0, 1, 1, 0],
            "actual": ["no", "no", "no", "no", "yes"],
            "predicted": ["no", "yes", "no", "yes", "yes"],
            "count": [7, 3, 5, 5, 11],
        }
    )
    cells = values(figures.confusion(frame, ["no", "yes"], "rnn"))
    found = {(cell["actual"], cell["predicted"]): (cell["count"], cell["share"]) for cell in cells}
    assert found == {("no", "no"): (12, 0.6), ("no", "yes"): (8, 0.4), ("yes", "yes"): (11, 1.0)}


def test_a_matrix_of_many_classes_has_tiles_of_its_own_and_hides_noughts() -> None:
    frame = pd.DataFrame({"actual": ["A", "A"], "predicted": ["A", "B"], "count": [1009, 1]})
    spec = figures.confusion(frame, ["A", "B"], "lstm", tile=(43, 23))
    assert (spec["width"], spec["height"]) == ({"step": 43}, {"step": 23})
    assert spec["layer"][1]["transform"] == [{"filter": "datum.share >= 0.005"}]


def test_reliability_pools_seeds_by_their_counts() -> None:
    frame = pd.DataFrame(
        {"variant": "rnn", "seed": [0, 1, 0], "bin": [7, 7, 8], "confidence": [0.7, 0.8, 0.9]}
        | {"accuracy": [0.5, 0.9, 0.0], "count": [30, 10, 0]}
    )
    rows = values(classification.reliability(frame, ["rnn"]))
    assert rows == [{"variant": "rnn", "bin": 7, "confidence": 0.725, "accuracy": 0.6, "count": 40}]


def test_bleu_by_length_averages_seeds_in_the_order_of_length() -> None:
    frame = pd.DataFrame(
        {"variant": "luong", "seed": [0, 1, 0], "bucket": ["10-19", "10-19", "1-9"], "low": [10, 10, 1]}
        | {"sentences": [13, 13, 17], "bleu": [20.0, 30.0, 40.0]}
    )
    spec = translation.bleu_by_length(frame, ["luong"])
    assert spec["encoding"]["x"]["sort"] == ["1-9", "10-19"]
    assert {row["bucket"]: row["bleu"] for row in values(spec)} == {"10-19": 25.0, "1-9": 40.0}


def test_a_heat_map_keeps_equal_words_apart() -> None:
    alignment = Alignment(["la", "la", "chat"], ["the", "the"], np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]))
    cells = values(translation.heat_map(alignment, "luong"))
    assert len({(cell["x"], cell["y"]) for cell in cells}) == 6
    assert [cell["weight"] for cell in cells if cell["x"] == "002chat"] == [0.2, 0.8]


def test_greedy_stands_beside_beam() -> None:
    scores = {"bleu": Score(36.1, None, None, 1), "bleu_greedy": Score(35.3, None, None, 1)}
    rows = values(translation.greedy_against_beam([System("luong", False, scores)], "bleu"))
    assert [(row["search"], row["score"]) for row in rows] == [("greedy", 35.3), ("beam", 36.1)]


def test_tags_stand_by_frequency_and_their_seeds_are_averaged() -> None:
    frame = pd.DataFrame(
        [
            ("lstm", 0, "A", 0.5, 3),
            ("lstm", 1, "A", 0.7, 3),
            ("lstm", 0, "B", 0.2, 11),
            ("mlp", -1, "B", 0.1, 11),
            ("mlp", -1, "C", 0.0, 0),
        ],
        columns=["variant", "seed", "tag", "f1", "support"],
    )
    tags = tagging.by_support(frame)
    assert tags == ["B", "A"], "C is nowhere in the reference"
    spec = tagging.f1_by_tag(frame, tags, ["lstm"])
    assert spec["encoding"]["y"]["sort"] == tags
    assert values(spec) == [
        {"variant": "lstm", "tag": "A", "f1": 0.6, "support": 3},
        {"variant": "lstm", "tag": "B", "f1": 0.2, "support": 11},
    ]


def test_one_hard_tag_does_not_press_the_others_together() -> None:
    frame = pd.DataFrame({"variant": "lstm", "seed": 0, "tag": ["A", "X"], "f1": [0.98, 0.31], "support": 7})
    axis = tagging.f1_by_tag(frame, ["A", "X"], ["lstm"])["encoding"]["x"]
    assert axis["scale"]["domain"] == [0.3, 1]
    assert (axis["axis"]["values"][0], axis["axis"]["values"][-1]) == (0.3, 1.0)
    share = [(tick ** axis["scale"]["exponent"] - 0.027) / 0.973 for tick in (0.9, 1.0)]
    assert share[1] - share[0] > 0.25


def test_accuracy_by_filler_is_averaged_over_seeds_and_baselines_are_apart() -> None:
    columns = ["variant", "seed", "split", "filler", "texts", "accuracy"]
    rows = [
        ("lstm", 0, "test", 0, 9, 0.8),
        ("lstm", 1, "test", 0, 9, 0.9),
        ("lstm", 0, "test", 30, 9, 0.7),
        ("lstm", 1, "test", 30, 9, 0.8),
        ("nbsvm", -1, "test", 0, 9, 0.6),
        ("nbsvm", -1, "test", 30, 9, 0.5),
    ]
    spec = classification.by_filler(pd.DataFrame(rows, columns=columns), ["lstm"])
    found = [(row["variant"], row["filler"], row["accuracy"]) for row in values(spec)]
    assert found == [("lstm", 0, pytest.approx(0.85)), ("lstm", 30, pytest.approx(0.75))]
    assert [row["accuracy"] for row in values(spec, 0)] == [0.6, 0.5]
    assert spec["encoding"]["x"]["axis"]["values"] == [0, 30]
