"""Other judges that claims have of their own, given made-up tables: true, false and undecidable."""

from typing import Any

import pandas as pd
import pytest

from pipeline.claims.verdict import Verdict


def test_one_condition_is_enough_to_refute_that_transfer_cannot_be_used(made_up: Any) -> None:
    scores = {
        f"{arm}_{n}": {"accuracy": made_up.seeds(0.7, 0.001)}
        for arm in ("fresh", "read")
        for n in (100, 500, 2000)
    }
    scores["read_100"] = {"accuracy": made_up.seeds(0.8, 0.001)}
    made_up.experiment("transfer", scores)
    assert made_up.verdict("limits-transfer") is Verdict.REFUTED


@pytest.mark.parametrize(
    ("averaged", "flat", "spread", "verdict"),
    [
        ([0.6] * 5, [0.8, 0.8, 0.8, 0.7, 0.6], 0.001, Verdict.HOLDS),
        ([0.8] * 5, [0.8, 0.8, 0.8, 0.7, 0.6], 0.001, Verdict.REFUTED),
        ([0.78] * 5, [0.8, 0.8, 0.8, 0.78, 0.75], 0.2, Verdict.INCONCLUSIVE),
    ],
)
def test_any_length_is_judged_by_what_is_lost_at_each(
    averaged: list[float], flat: list[float], spread: float, verdict: Verdict, made_up: Any
) -> None:
    made_up.checks("intro-variable-length", [True])
    found = {"lstm": [0.8] * 5, "pooled_mlp": averaged, "flat_mlp": flat}
    cuts = (16, 32, 64, 128, 256)
    scores = {
        name: {
            f"accuracy_{cut}": made_up.seeds(middle, spread) for cut, middle in zip(cuts, values, strict=True)
        }
        for name, values in found.items()
    }
    made_up.experiment("variable_length", scores)
    assert made_up.verdict("intro-variable-length") is verdict


def cut(results: Any, halves: list[float], notes: list[float]) -> None:
    """Whole outputs have a precision of 30 BLEU; `halves`: what is left of it, one per seed."""
    results.experiment("translation", {"luong": {"bleu": [30.0] * 3}})
    rows = [
        {
            "variant": "luong",
            "seed": seed,
            "split": "test",
            "share": share,
            "bleu": 30.0 * share + seed,
            "without_penalty": 30.0 if share == 1 else halves[seed],
            "notes_bleu": notes[seed] / share,
        }
        for seed in range(3)
        for share in (1.0, 0.5)
    ]
    results.table("translation", "tables/cut_outputs", pd.DataFrame(rows))


@pytest.mark.parametrize(
    ("halves", "verdict"),
    [
        ([33.0, 33.1, 33.2], Verdict.HOLDS),
        ([27.0, 27.1, 27.2], Verdict.REFUTED),
        ([20.0, 30.0, 41.0], Verdict.INCONCLUSIVE),
    ],
)
def test_short_outputs_are_judged_by_precision_alone(
    halves: list[float], verdict: Verdict, made_up: Any
) -> None:
    cut(made_up, halves, [1.0, 2.0, 3.0])
    assert made_up.verdict("bleu-short") is verdict


@pytest.mark.parametrize(("passed", "verdict"), [(True, Verdict.HOLDS), (False, Verdict.REFUTED)])
def test_the_formula_is_judged_by_its_properties_and_its_order_is_told(
    passed: bool, verdict: Verdict, made_up: Any
) -> None:
    made_up.checks("bleu-formula", [True, passed])
    cut(made_up, [33.0, 33.1, 33.2], [1.0, 1.1, 1.2])
    found = made_up.judge("bleu-formula")
    assert found.verdict is verdict
    # Cut outputs have less BLEU and more by the notes' formula: the orders are opposed but for the seeds.
    assert any("6 outputs" in remark and "tau -" in remark for remark in found.remarks)
