"""The sentences that the page says of an experiment are made from its numbers."""

import pandas as pd
import pytest

from pipeline.report.findings import Finding, finding, systems


def summary(*rows: tuple[str, str, float, float | None], metric: str = "accuracy") -> pd.DataFrame:
    """variant, role, mean and half the width of its interval (None with one seed)"""
    return pd.DataFrame(
        [
            {"variant": name, "role": role, "split": "test", "metric": metric, "mean": mean}
            | {"low": half and mean - half, "high": half and mean + half, "seeds": 3 if half else 1}
            for name, role, mean, half in rows
        ]
    ).astype({"low": float, "high": float})


def judged(*rows: tuple[str, str, float, float | None]) -> Finding:
    return finding(systems(summary(*rows), "test", ["rnn", "gru", "lstm"]), "accuracy")


def test_the_highest_mean_leads_with_its_interval() -> None:
    found = judged(("rnn", "model", 0.71, 0.013), ("gru", "model", 0.83, 0.017))
    assert found.best == "gru"
    assert found.rivals == ()
    assert found.sentences == (
        "gru has the highest accuracy: 0.830 (95 % interval 0.813 to 0.847, 3 seeds).",
        "Its interval overlaps no other: gru is ahead for these seeds.",
    )


def test_an_interval_ends_where_the_scale_does() -> None:
    found = judged(("rnn", "model", 0.02, 0.05), ("gru", "model", 0.99, 0.03))
    assert (
        found.sentences[0] == "gru has the highest accuracy: 0.990 (95 % interval 0.960 to 1.000, 3 seeds)."
    )
    (rnn, *_) = systems(summary(("rnn", "model", 0.02, 0.05)), "test", ["rnn"])
    assert rnn.scores["accuracy"].low == 0


def test_of_an_error_the_lowest_leads() -> None:
    rows = [("rnn", "model", 0.71, 0.01), ("gru", "model", 0.53, 0.01), ("ridge", "baseline", 0.6, None)]
    found = finding(systems(summary(*rows, metric="mse"), "test", ["rnn", "gru"]), "mse")
    assert found.best == "gru"
    assert found.sentences[0].startswith("gru has the lowest MSE: 0.530 (95 % interval")
    assert found.sentences[2] == "The baseline ridge (0.600) is below rnn."


def test_overlapping_intervals_are_said() -> None:
    found = judged(("rnn", "model", 0.71, 0.01), ("gru", "model", 0.83, 0.03), ("lstm", "model", 0.85, 0.02))
    assert found.best == "lstm"
    assert found.rivals == ("gru",)
    assert found.rank == "best, not apart from gru"
    assert found.sentences[1] == "Its interval overlaps that of gru: these seeds do not tell them apart."


def test_one_seed_decides_nothing() -> None:
    found = judged(("rnn", "model", 0.71, None), ("gru", "model", 0.83, None))
    assert found.rank == "best of one seed"
    assert found.sentences == (
        "gru has the highest accuracy: 0.830.",
        "With one seed there is no interval, so the order may be chance.",
    )


@pytest.mark.parametrize(
    ("level", "sentence"),
    [
        (0.67, "Every variant is above the best baseline, nbsvm (0.670)."),
        (0.79, "The baseline nbsvm (0.790) is above rnn."),
        (0.91, "The baseline nbsvm (0.910) is above every variant."),
    ],
)
def test_a_baseline_that_wins_is_said(level: float, sentence: str) -> None:
    found = judged(
        ("rnn", "model", 0.71, 0.01),
        ("gru", "model", 0.83, 0.01),
        ("majority", "baseline", 0.5, None),
        ("nbsvm", "baseline", level, None),
    )
    assert found.best == "gru", "a baseline is never the best variant"
    assert found.sentences[2] == sentence


def test_a_split_without_scores_has_no_best() -> None:
    assert finding([], "bleu").best is None


def test_rows_follow_the_grid_then_former_variants_then_baselines() -> None:
    frame = summary(
        ("majority", "baseline", 0.5, None),
        ("former", "model", 0.6, 0.01),
        ("lstm", "model", 0.8, 0.01),
        ("rnn", "model", 0.7, 0.01),
    )
    names = [system.name for system in systems(frame, "test", ["rnn", "gru", "lstm"])]
    assert names == ["rnn", "lstm", "former", "majority"]
    assert systems(frame, "validation", ["rnn"]) == []
