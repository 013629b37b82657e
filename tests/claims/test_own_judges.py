"""Judges that claims have of their own, given made-up tables: true, false and undecidable."""

import math
from typing import Any

import pandas as pd
import pytest

from pipeline.claims.ledger import judge_all
from pipeline.claims.verdict import Verdict


def seeds(value: float, spread: float) -> list[float]:
    return [value - spread, value, value + spread]


@pytest.mark.parametrize(
    ("saved", "spread", "verdict"),
    [(0.1, 0.001, Verdict.HOLDS), (0.0, 0.001, Verdict.REFUTED), (0.02, 0.1, Verdict.INCONCLUSIVE)],
)
def test_forecasts_are_judged_by_the_error_saved(
    saved: float, spread: float, verdict: Verdict, made_up: Any
) -> None:
    scores = {"lstm": seeds(1.0, spread), "bilstm": seeds(1.0 - saved, spread)}
    forecast(made_up, scores, baseline=1.5)
    assert made_up.verdict("bidirectional-forecast") is verdict


def test_what_a_simple_baseline_forecasts_better_is_no_application(made_up: Any) -> None:
    scores = {"lstm": seeds(1.0, 0.001), "bilstm": seeds(0.9, 0.001)}
    forecast(made_up, scores, baseline=0.9)
    assert made_up.verdict("bidirectional-forecast") is Verdict.REFUTED
    assert (
        "univariate: ahead of every baseline at 0 of 1 horizons"
        in made_up.judge("bidirectional-forecast").remarks
    )


@pytest.mark.parametrize(
    ("forecast_saved", "fill_saved", "spread", "verdict"),
    [
        (0.1, 0.3, 0.001, Verdict.HOLDS),
        (0.0, 0.0, 0.001, Verdict.REFUTED),
        (0.0, 0.3, 0.001, Verdict.DEPENDS),
        (0.1, 0.05, 0.001, Verdict.DEPENDS),
        (0.0, 0.1, 0.1, Verdict.INCONCLUSIVE),
    ],
)
def test_forecasts_and_gaps_are_judged_together(
    forecast_saved: float, fill_saved: float, spread: float, verdict: Verdict, made_up: Any
) -> None:
    forecast(made_up, {"lstm": seeds(1.0, 0.001), "bilstm": seeds(1 - forecast_saved, 0.001)}, baseline=1.5)
    fill(made_up, {6: fill_saved, 96: fill_saved}, spread)
    found = made_up.judge("bidirectional-forecast")
    assert found.verdict is verdict
    labels = [one.label for one in found.comparisons]
    assert labels[2:] == ["imputation, gap of 6 h", "imputation, gap of 96 h"]
    assert found.comparisons[3].estimate.value == pytest.approx(fill_saved)


def test_gaps_of_which_one_is_filled_better_split_the_claim(made_up: Any) -> None:
    forecast(made_up, {"lstm": seeds(1.0, 0.001), "bilstm": seeds(0.9, 0.001)}, baseline=1.5)
    fill(made_up, {6: 0.4, 96: 0.0}, 0.001)
    assert made_up.verdict("bidirectional-forecast") is Verdict.DEPENDS


@pytest.mark.parametrize(
    ("saved", "spread", "verdict"),
    [
        (0.3, 0.001, Verdict.DEPENDS),
        (0.0, 0.001, Verdict.REFUTED),
        (0.1, 0.1, Verdict.INCONCLUSIVE),
    ],
)
def test_useless_forecasts_leave_the_gaps_to_tell(
    saved: float, spread: float, verdict: Verdict, made_up: Any
) -> None:
    forecast(made_up, {"lstm": seeds(1.0, 0.001), "bilstm": seeds(0.9, 0.001)}, baseline=0.9)
    fill(made_up, {24: saved}, spread)
    assert made_up.verdict("bidirectional-forecast") is verdict


@pytest.mark.parametrize(
    ("filled", "verdict"),
    [({24: 0.3}, Verdict.DEPENDS), ({24: 0.0}, Verdict.REFUTED), ({}, Verdict.INCONCLUSIVE)],
)
def test_useless_forecasts_are_no_application_whether_a_direction_saves_or_not(
    filled: dict[int, float], verdict: Verdict, made_up: Any
) -> None:
    forecast(made_up, {"lstm": seeds(1.0, 0.1), "bilstm": seeds(0.98, 0.1)}, baseline=0.9)
    if filled:
        fill(made_up, filled, 0.001)
    assert made_up.verdict("bidirectional-forecast") is verdict
    if verdict is Verdict.DEPENDS:
        rows = {row["id"]: row for row in judge_all(made_up.folder, made_up.experiments)}
        assert rows["bidirectional-forecast"]["lesson"] == "So it is here: imputation, gap of 24 h."


def test_the_leak_and_what_is_missing_are_remarked(made_up: Any) -> None:
    scores = {"lstm": seeds(1.0, 0.001), "bilstm": seeds(0.9, 0.001)}
    forecast(made_up, scores, baseline=1.5)
    assert "experiment imputation was not run" in made_up.judge("bidirectional-forecast").remarks
    fill(made_up, {24: 0.3}, 0.001, next_hour={"lstm": (0.02, 0.021), "bilstm": (0.0001, 0.022)})
    remarks = made_up.judge("bidirectional-forecast").remarks
    assert "imputation: two directions ahead of every baseline at 1 of 1 gaps" in remarks
    assert remarks[-1].endswith(
        "MSE 0.0001 over the window, 0.022 at its last hour, which nothing follows; in one direction 0.02 "
        "and 0.021"
    )


def fill(
    made_up: Any,
    saved: dict[int, float],
    spread: float,
    next_hour: dict[str, tuple[float, float]] | None = None,
) -> None:
    """Errors by gap: 1 in one direction, less what is saved in two, 1.5 of every baseline."""
    found: dict[str, dict[str, list[float]]] = {}
    for gap, share in saved.items():
        found[f"lstm_{gap}"] = {"mse": seeds(1.0, spread)}
        found[f"bilstm_{gap}"] = {"mse": seeds(1.0 - share, spread)}
        found |= {f"{way}_{gap}": {"mse": [1.5]} for way in ("repeat_last", "seasonal", "interpolation")}
    for name, (whole, last) in (next_hour or {}).items():
        found[f"{name}_next"] = {"mse": [whole] * 3, "mse_last": [last] * 3}
    made_up.experiment("imputation", found)


def forecast(made_up: Any, scores: dict[str, list[float]], *, baseline: float) -> None:
    """Errors over 24 hours; ridge regression has `baseline`, the two other baselines twice that."""
    simple = {"repeat_last": [2 * baseline], "seasonal": [2 * baseline], "ridge": [baseline]}
    for experiment in ("forecast_univariate", "forecast_multivariate"):
        found = {name: {"mse_24": values} for name, values in (scores | simple).items()}
        made_up.experiment(experiment, found)


@pytest.mark.parametrize(
    ("gained", "spread", "verdict"),
    [(9.0, 0.1, Verdict.HOLDS), (0.0, 0.1, Verdict.REFUTED), (3.0, 5.0, Verdict.INCONCLUSIVE)],
)
def test_attention_is_judged_by_what_it_gains_on_long_sentences(
    gained: float, spread: float, verdict: Verdict, made_up: Any
) -> None:
    bleu = {"none": 20.0, "bahdanau": 25.0, "luong": 25.0}
    scores = {name: {"bleu": seeds(value, spread)} for name, value in bleu.items()}
    made_up.experiment("joined", scores, splits=["test", "test_joined"])
    table = pd.read_csv(made_up.folder / "joined/scores.csv")
    table.loc[(table["split"] == "test_joined") & (table["variant"] != "none"), "value"] += gained
    made_up.table("joined", "scores", table)
    assert made_up.verdict("attention-long") is verdict


def test_who_cannot_translate_one_sentence_has_nothing_to_lose_on_four(made_up: Any) -> None:
    """Without attention at most the 5 BLEU it has are lost, with it 40: no result could make it hold."""
    bleu = {"none": 5.0, "bahdanau": 60.0, "luong": 60.0}
    scores = {name: {"bleu": seeds(value, 0.1)} for name, value in bleu.items()}
    made_up.experiment("joined", scores, splits=["test", "test_joined"])
    table = pd.read_csv(made_up.folder / "joined/scores.csv")
    joined = table["split"] == "test_joined"
    table.loc[joined & (table["variant"] == "none"), "value"] -= 4
    table.loc[joined & (table["variant"] != "none"), "value"] -= 40
    made_up.table("joined", "scores", table)
    judgement = made_up.judge("attention-long")
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert "5.0 BLEU on single sentences" in judgement.remarks[0]


def test_one_condition_is_enough_to_refute_that_transfer_cannot_be_used(made_up: Any) -> None:
    scores = {
        f"{arm}_{n}": {"accuracy": seeds(0.7, 0.001)} for arm in ("fresh", "read") for n in (100, 500, 2000)
    }
    scores["read_100"] = {"accuracy": seeds(0.8, 0.001)}
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
        name: {f"accuracy_{cut}": seeds(middle, spread) for cut, middle in zip(cuts, values, strict=True)}
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
        for seed, (value, said) in enumerate(zip(seeds(error, spread), seeds(covered, spread), strict=True))
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
    scores = {name: {"perplexity": seeds(value, 0.1)} for name, value in found.items()}
    made_up.experiment("language", scores)
    lives = {"none": 50.0, "step": step, "sequence": sequence}
    made_up.recalled("dropout_recall", {name: seeds(value, 0.1) for name, value in lives.items()})
    assert made_up.verdict("dropout") is verdict


def test_dropout_is_undecided_where_seeds_disagree(made_up: Any) -> None:
    made_up.checks("dropout", [True])
    names = ("none", "dropout", "variational")
    made_up.experiment("language", {name: {"perplexity": seeds(100.0, 30.0)} for name in names})
    made_up.recalled("dropout_recall", {key: [5.0, 50.0, 100.0] for key in ("none", "step", "sequence")})
    assert made_up.verdict("dropout") is Verdict.INCONCLUSIVE


SPARING = ("plain_20", "sequence_20", "weight_20", "zoneout_20")


def read_little(made_up: Any, found: dict[str, tuple[float, float, float]], spread: float = 0.1) -> None:
    """Perplexities of test, validation and training text; all else speaks for the claim."""
    made_up.checks("dropout", [True])
    lives = {"none": 50.0, "step": 4.0, "sequence": 49.0}
    made_up.recalled("dropout_recall", {name: seeds(value, 0.1) for name, value in lives.items()})
    scores = {name: {"perplexity": seeds(of[0], spread)} for name, of in found.items()}
    made_up.experiment("dropout_language", scores, splits=("test", "validation", "train"))
    table = pd.read_csv(made_up.folder / "dropout_language" / "scores.csv")
    for place, split in enumerate(("test", "validation", "train")):
        for name, of in found.items():
            rows = (table["variant"] == name) & (table["split"] == split)
            table.loc[rows, "value"] = seeds(of[place], spread)
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
    made_up.recalled("dropout_recall", {name: seeds(value, 0.1) for name, value in lives.items()})
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
    made_up.experiment("language", {name: {"perplexity": seeds(of, 0.1)} for name, of in found.items()})
    lives = {"none": 50.0, "step": 4.0, "sequence": 49.0}
    made_up.recalled("dropout_recall", {name: seeds(of, 0.1) for name, of in lives.items()})
    # One seed, then none beside the kinds: both leave it out.
    for scores in ({"none": [100.0], "plain_20": [80.0]}, {"plain_20": [80.0, 81.0, 82.0]}):
        splits = ("test", "validation", "train")
        made_up.experiment(
            "dropout_language", {name: {"perplexity": of} for name, of in scores.items()}, splits=splits
        )
        judgement = made_up.judge("dropout")
        assert judgement.verdict is Verdict.HOLDS
        assert "dropout_language" in judgement.remarks[0]
