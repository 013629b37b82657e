"""The section of a task that answers: scores by group, published ones beside them."""

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from pipeline.report.findings import Score, System
from pipeline.report.tasks.transduction import LSTM_OF_WESTON, by_group, group_table

GROUPS = list(LSTM_OF_WESTON)
SYSTEMS = [
    System("none", False, {"exact_match": Score(0.4, 0.3, 0.5, 2)}),
    System("luong", False, {"exact_match": Score(0.6, 0.5, 0.7, 2)}),
    System("chance", True, {"exact_match": Score(0.2, None, None, 1)}),
    System("nearest", True, {"exact_match": Score(0.3, None, None, 1)}),
]


def study(reader: str) -> Any:
    return SimpleNamespace(results=SimpleNamespace(provenance={"reader": reader}), headline="exact_match")


def scores(groups: list[str]) -> pd.DataFrame:
    rows = [
        (name, seed, "test", group, 7 + place, 0.01 * place + 0.1 * seed + bonus)
        for name, seeds, bonus in (
            ("none", 2, 0.1),
            ("luong", 2, 0.3),
            ("chance", 1, 0.0),
            ("nearest", 1, 0.05),
        )
        for seed in range(seeds)
        for place, group in enumerate(groups)
    ]
    return pd.DataFrame(rows, columns=["variant", "seed", "split", "group", "rows", "value"])


def test_the_published_network_stands_beside_ours_where_the_groups_are_the_same() -> None:
    table = group_table(study("babi"), scores(GROUPS), SYSTEMS)
    assert (table.systems, table.published) == (["none", "luong", "chance", "nearest"], ["LSTM"])
    assert [row.group for row in table.rows] == GROUPS
    third = table.rows[2]
    assert third.rows == 9
    assert third.values == [pytest.approx(value) for value in (0.17, 0.37, 0.02, 0.07, 0.20)]
    assert sum(row.values[-1] or 0 for row in table.rows) / 20 == pytest.approx(
        0.49, abs=0.005
    )  # as the paper rounds it
    assert group_table(study("questions"), scores(GROUPS), SYSTEMS).published == []
    assert group_table(study("babi"), scores(GROUPS[:3]), SYSTEMS).published == []


def test_the_chart_draws_variants_the_best_baseline_and_what_is_published() -> None:
    spec = by_group(group_table(study("babi"), scores(GROUPS), SYSTEMS), ["none", "luong"])
    strokes, rings, _ = spec["layer"]
    assert {row["system"] for row in strokes["data"]["values"]} == {"nearest"}
    assert [row["value"] for row in rings["data"]["values"]] == list(LSTM_OF_WESTON.values())
    assert len(spec["data"]["values"]) == 2 * len(GROUPS)
    assert spec["encoding"]["y"]["sort"] == GROUPS
