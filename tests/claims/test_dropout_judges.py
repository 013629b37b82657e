"""The judge of dropout, given made-up tables: true, false and undecidable."""

import math
from typing import Any

import pandas as pd
import pytest

from pipeline.claims.verdict import Verdict


@pytest.mark.parametrize(
    ("perplexity", "step", "sequence", "verdict"),
    [
        (80.0, 4.0, 49.0, Verdict.HOLDS),
        (120.0, 49.0, 20.0, Verdict.REFUTED),
        (80.0, 49.0, 49.0, Verdict.DEPENDS),
    ],
)
def test_dropout_is_judged_by_perplexity_and_by_memory(
    perplexity: float, step: float, sequence: float, verdict: Verdict, made_up: Any
) -> None:
    made_up.checks("dropout", [True])
    found = {"none": 100.0, "dropout": perplexity, "variational": perplexity}
    scores = {name: {"perplexity": made_up.seeds(value, 0.1)} for name, value in found.items()}
    made_up.experiment("language", scores)
    lives = {"none": 50.0, "step": step, "sequence": sequence}
    made_up.recalled("dropout_recall", {name: made_up.seeds(value, 0.1) for name, value in lives.items()})
    assert made_up.verdict("dropout") is verdict


def test_dropout_is_undecided_where_seeds_disagree(made_up: Any) -> None:
    made_up.checks("dropout", [True])
    names = ("none", "dropout", "variational")
    made_up.experiment("language", {name: {"perplexity": made_up.seeds(100.0, 30.0)} for name in names})
    made_up.recalled("dropout_recall", {key: [5.0, 50.0, 100.0] for key in ("none", "step", "sequence")})
    assert made_up.verdict("dropout") is Verdict.INCONCLUSIVE


SPARING = ("plain_20", "sequence_20", "weight_20", "zoneout_20")


def read_little(made_up: Any, found: dict[str, tuple[float, float, float]], spread: float = 0.1) -> None:
    """Perplexities of test, validation and training text; all else speaks for the claim."""
    made_up.checks("dropout", [True])
    lives = {"none": 50.0, "step": 4.0, "sequence": 49.0}
    made_up.recalled("dropout_recall", {name: made_up.seeds(value, 0.1) for name, value in lives.items()})
    scores = {name: {"perplexity": made_up.seeds(of[0], spread)} for name, of in found.items()}
    made_up.experiment("dropout_language", scores, splits=("test", "validation", "train"))
    table = pd.read_csv(made_up.folder / "dropout_language" / "scores.csv")
    for place, split in enumerate(("test", "validation", "train")):
        for name, of in found.items():
            rows = (table["variant"] == name) & (table["split"] == split)
            table.loc[rows, "value"] = made_up.seeds(of[place], spread)
    made_up.table("dropout_language", "scores", table)


@pytest.mark.parametrize(
    ("perplexities", "spread", "verdict"),
    [
        ((80.0, 80.0, 80.0, 80.0), 0.1, Verdict.HOLDS),
        ((80.0, 80.0, 120.0, 80.0), 0.1, Verdict.DEPENDS),
        ((90.0, 90.0, 90.0, 90.0), 30.0, Verdict.INCONCLUSIVE),
    ],
)
def test_dropout_is_judged_by_every_kind_that_spares_the_memory(
    perplexities: tuple[float, ...], spread: float, verdict: Verdict, made_up: Any
) -> None:
    # A fresh mask per step has no say.
    found = {"none": 100.0, "step_20": 200.0} | dict(zip(SPARING, perplexities, strict=True))
    read_little(made_up, {name: (value, value, value) for name, value in found.items()}, spread)
    assert made_up.verdict("dropout") is verdict


def test_dropout_of_every_kind_that_helps_nowhere_is_refuted(made_up: Any) -> None:
    read_little(made_up, {name: (120.0, 120.0, 120.0) for name in SPARING} | {"none": (100.0, 100.0, 50.0)})
    lives = {"none": 50.0, "step": 49.0, "sequence": 20.0}
    made_up.recalled("dropout_recall", {name: made_up.seeds(value, 0.1) for name, value in lives.items()})
    assert made_up.verdict("dropout") is Verdict.REFUTED


def test_a_rate_is_chosen_on_validation_and_told_with_its_gap(made_up: Any) -> None:
    found = {"none": (100.0, 100.0, 25.0), "plain_20": (80.0, 95.0, 40.0), "plain_50": (90.0, 85.0, 60.0)}
    read_little(made_up, found, 0.001)
    judgement = made_up.judge("dropout")
    plain = next(
        one for one in judgement.comparisons if one.label == "plain_50 against none (dropout_language)"
    )
    assert plain.estimate.value == pytest.approx(math.log2(100 / 90), abs=1e-4)
    (remark, missing) = judgement.remarks
    assert remark == (
        "perplexity by dropout and its percent, chosen on validation: "
        "none 100.0 (training text 25.0, 0.25 times that), "
        "plain_50 90.0, 0.900 times none's (training text 60.0, 0.67 times that)"
    )
    assert missing == "experiment language was not run"
    test, read = judgement.figure.lines
    assert [point[:2] for point in test.points] == [
        ("none", pytest.approx(100)),
        ("plain_50", pytest.approx(90)),
    ]
    assert [point[1] for point in read.points] == [pytest.approx(25), pytest.approx(60)]
    _, value, low, high = test.points[1]
    assert low < value < high


def test_dropout_is_judged_without_the_model_that_reads_little(made_up: Any) -> None:
    made_up.checks("dropout", [True])
    found = {"none": 100.0, "dropout": 80.0, "variational": 80.0}
    made_up.experiment(
        "language", {name: {"perplexity": made_up.seeds(of, 0.1)} for name, of in found.items()}
    )
    lives = {"none": 50.0, "step": 4.0, "sequence": 49.0}
    made_up.recalled("dropout_recall", {name: made_up.seeds(of, 0.1) for name, of in lives.items()})
    # One seed, then none beside the kinds: both leave it out.
    for scores in ({"none": [100.0], "plain_20": [80.0]}, {"plain_20": [80.0, 81.0, 82.0]}):
        splits = ("test", "validation", "train")
        made_up.experiment(
            "dropout_language", {name: {"perplexity": of} for name, of in scores.items()}, splits=splits
        )
        judgement = made_up.judge("dropout")
        assert judgement.verdict is Verdict.HOLDS
        assert "dropout_language" in judgement.remarks[0]
