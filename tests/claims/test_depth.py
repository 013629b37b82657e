"""The judge of deep translators is given made-up scores."""

import json
from typing import Any

import pandas as pd
import pytest

from pipeline.claims.ledger import judge_all
from pipeline.claims.verdict import Verdict

SPREAD = 0.01


def translated(results: Any, gains: tuple[float, float, float], spread: float = SPREAD) -> None:
    """BLEU that two and four layers gain over one, and states level by level over the top's."""
    deep, deeper, states = gains
    levels = {"base": 10.0, "deep": 10 + deep, "deeper": 10 + deeper, "deep_top": 10 + deep - states}
    scores = {name: [value - spread, value, value + spread] for name, value in levels.items()}
    results.experiment("translation_decoder", {name: {"bleu": values} for name, values in scores.items()})
    rows = [
        {
            "variant": name,
            "seed": seed,
            "split": "test",
            "bucket": bucket,
            "low": low,
            "sentences": sentences,
            "bleu": value - low / 10,
        }
        for name, values in scores.items()
        for seed, value in enumerate(values)
        for bucket, low, sentences in (("11-15", 11, 40), ("1-5", 1, 3), ("6-10", 6, 90))
    ]
    results.table("translation_decoder", "tables/bleu_by_length", pd.DataFrame(rows))


@pytest.mark.parametrize(
    ("gains", "verdict"),
    [
        ((2, 3, 1), Verdict.HOLDS),
        ((-2, -3, -1), Verdict.REFUTED),
        ((-2, -3, 1), Verdict.REFUTED),
        ((-2, -3, 0), Verdict.REFUTED),
        ((2, -3, 1), Verdict.DEPENDS),
        ((2, 3, -1), Verdict.DEPENDS),
        ((2, 3, 0), Verdict.INCONCLUSIVE),
        ((-2, 0, 0), Verdict.INCONCLUSIVE),
    ],
)
def test_depth_is_judged_with_what_it_hands_on(
    gains: tuple[float, float, float], verdict: Verdict, made_up: Any
) -> None:
    translated(made_up, gains)
    assert made_up.verdict("seq2seq-deep") is verdict


def test_depth_is_undecided_where_seeds_disagree(made_up: Any) -> None:
    translated(made_up, (2, 3, 1), spread=40)
    assert made_up.verdict("seq2seq-deep") is Verdict.INCONCLUSIVE


def test_a_depth_that_was_not_run_is_named_and_the_other_decides(made_up: Any) -> None:
    translated(made_up, (-2, 3, 1))
    path = made_up.folder / "translation_decoder/scores.csv"
    rows = pd.read_csv(path)
    rows[rows["variant"] != "deeper"].to_csv(path, index=False)
    found = made_up.judge("seq2seq-deep")
    assert found.verdict is Verdict.REFUTED
    assert found.remarks == ["experiment translation_decoder has no bleu of deeper"]


def test_bleu_is_drawn_by_length_without_buckets_of_few_sentences(made_up: Any) -> None:
    translated(made_up, (2, 3, 1))
    lines = made_up.judge("seq2seq-deep").figure.lines
    assert [line.name for line in lines] == ["base", "deep", "deeper"]
    assert [(x, round(y, 6)) for x, y, *_ in lines[1].points] == [("6-10", 11.4), ("11-15", 10.9)]
    rows = judge_all(made_up.folder, made_up.experiments)
    assert json.loads(json.dumps(rows)) == rows
