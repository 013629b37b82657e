"""Judges of long sentences, alignment and coverage, given made-up tables: true, false and undecidable."""

from typing import Any

import pandas as pd
import pytest

from pipeline.claims.verdict import Verdict


@pytest.mark.parametrize(
    ("gained", "spread", "verdict"),
    [(9.0, 0.1, Verdict.HOLDS), (0.0, 0.1, Verdict.REFUTED), (3.0, 5.0, Verdict.INCONCLUSIVE)],
)
def test_attention_is_judged_by_what_it_gains_on_long_sentences(
    gained: float, spread: float, verdict: Verdict, made_up: Any
) -> None:
    bleu = {"none": 20.0, "bahdanau": 25.0, "luong": 25.0}
    scores = {name: {"bleu": made_up.seeds(value, spread)} for name, value in bleu.items()}
    made_up.experiment("joined", scores, splits=["test", "test_joined"])
    table = pd.read_csv(made_up.folder / "joined/scores.csv")
    table.loc[(table["split"] == "test_joined") & (table["variant"] != "none"), "value"] += gained
    made_up.table("joined", "scores", table)
    assert made_up.verdict("attention-long") is verdict


def test_who_cannot_translate_one_sentence_has_nothing_to_lose_on_four(made_up: Any) -> None:
    """Without attention at most the 5 BLEU it has are lost, with it 40: no result could make it hold."""
    bleu = {"none": 5.0, "bahdanau": 60.0, "luong": 60.0}
    scores = {name: {"bleu": made_up.seeds(value, 0.1)} for name, value in bleu.items()}
    made_up.experiment("joined", scores, splits=["test", "test_joined"])
    table = pd.read_csv(made_up.folder / "joined/scores.csv")
    joined = table["split"] == "test_joined"
    table.loc[joined & (table["variant"] == "none"), "value"] -= 4
    table.loc[joined & (table["variant"] != "none"), "value"] -= 40
    made_up.table("joined", "scores", table)
    judgement = made_up.judge("attention-long")
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert "5.0 BLEU on single sentences" in judgement.remarks[0]


def looked(results: Any, experiment: str, error: float, covered: float, spread: float) -> None:
    """Error rate and weight on covered words of one variant; the diagonal's error is .5."""
    results.experiment(experiment, {"luong": {"bleu": [30.0] * 3}})
    rows = [
        {
            "variant": "luong",
            "seed": seed,
            "split": "test",
            "order": order,
            "aer": value,
            "aer_diagonal": 0.5,
            "aer_reordered": value,
            "aer_reordered_diagonal": 0.5,
            "entropy": 1.0,
            "covered": said,
        }
        for seed, (value, said) in enumerate(
            zip(results.seeds(error, spread), results.seeds(covered, spread), strict=True)
        )
        for order in (0, 1)
    ]
    results.table(experiment, "tables/alignment", pd.DataFrame(rows))


@pytest.mark.parametrize(
    ("error", "spread", "verdict"),
    [(0.1, 0.01, Verdict.HOLDS), (0.49, 0.01, Verdict.REFUTED), (0.4, 0.3, Verdict.INCONCLUSIVE)],
)
def test_alignment_is_judged_against_the_diagonal(
    error: float, spread: float, verdict: Verdict, made_up: Any
) -> None:
    looked(made_up, "alignment", error, 0.1, spread)
    assert made_up.verdict("attention-alignment") is verdict


@pytest.mark.parametrize(
    ("error", "covered", "spread", "verdict"),
    [
        (0.1, 0.1, 0.01, Verdict.HOLDS),
        (0.49, 0.9, 0.01, Verdict.REFUTED),
        (0.1, 0.9, 0.01, Verdict.DEPENDS),
        (0.4, 0.5, 0.3, Verdict.INCONCLUSIVE),
    ],
)
def test_coverage_is_judged_by_covered_words_and_another_order(
    error: float, covered: float, spread: float, verdict: Verdict, made_up: Any
) -> None:
    looked(made_up, "coverage", error, covered, spread)
    assert made_up.verdict("attention-coverage") is verdict
