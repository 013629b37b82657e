"""The judge of forecasts and filled gaps, given made-up tables: true, false and undecidable."""

from typing import Any

import pytest

from pipeline.claims.ledger import judge_all
from pipeline.claims.verdict import Verdict


@pytest.mark.parametrize(
    ("saved", "spread", "verdict"),
    [(0.1, 0.001, Verdict.HOLDS), (0.0, 0.001, Verdict.REFUTED), (0.02, 0.1, Verdict.INCONCLUSIVE)],
)
def test_forecasts_are_judged_by_the_error_saved(
    saved: float, spread: float, verdict: Verdict, made_up: Any
) -> None:
    scores = {"lstm": made_up.seeds(1.0, spread), "bilstm": made_up.seeds(1.0 - saved, spread)}
    forecast(made_up, scores, baseline=1.5)
    assert made_up.verdict("bidirectional-forecast") is verdict


def test_what_a_simple_baseline_forecasts_better_is_no_application(made_up: Any) -> None:
    scores = {"lstm": made_up.seeds(1.0, 0.001), "bilstm": made_up.seeds(0.9, 0.001)}
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
    forecast(
        made_up,
        {"lstm": made_up.seeds(1.0, 0.001), "bilstm": made_up.seeds(1 - forecast_saved, 0.001)},
        baseline=1.5,
    )
    fill(made_up, {6: fill_saved, 96: fill_saved}, spread)
    found = made_up.judge("bidirectional-forecast")
    assert found.verdict is verdict
    labels = [one.label for one in found.comparisons]
    assert labels[2:] == ["imputation, gap of 6 h", "imputation, gap of 96 h"]
    assert found.comparisons[3].estimate.value == pytest.approx(fill_saved)


def test_gaps_of_which_one_is_filled_better_split_the_claim(made_up: Any) -> None:
    forecast(made_up, {"lstm": made_up.seeds(1.0, 0.001), "bilstm": made_up.seeds(0.9, 0.001)}, baseline=1.5)
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
    forecast(made_up, {"lstm": made_up.seeds(1.0, 0.001), "bilstm": made_up.seeds(0.9, 0.001)}, baseline=0.9)
    fill(made_up, {24: saved}, spread)
    assert made_up.verdict("bidirectional-forecast") is verdict


@pytest.mark.parametrize(
    ("filled", "verdict"),
    [({24: 0.3}, Verdict.DEPENDS), ({24: 0.0}, Verdict.REFUTED), ({}, Verdict.INCONCLUSIVE)],
)
def test_useless_forecasts_are_no_application_whether_a_direction_saves_or_not(
    filled: dict[int, float], verdict: Verdict, made_up: Any
) -> None:
    forecast(made_up, {"lstm": made_up.seeds(1.0, 0.1), "bilstm": made_up.seeds(0.98, 0.1)}, baseline=0.9)
    if filled:
        fill(made_up, filled, 0.001)
    assert made_up.verdict("bidirectional-forecast") is verdict
    if verdict is Verdict.DEPENDS:
        rows = {row["id"]: row for row in judge_all(made_up.folder, made_up.experiments)}
        assert rows["bidirectional-forecast"]["lesson"] == "So it is here: imputation, gap of 24 h."


def test_the_leak_and_what_is_missing_are_remarked(made_up: Any) -> None:
    scores = {"lstm": made_up.seeds(1.0, 0.001), "bilstm": made_up.seeds(0.9, 0.001)}
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
        found[f"lstm_{gap}"] = {"mse": made_up.seeds(1.0, spread)}
        found[f"bilstm_{gap}"] = {"mse": made_up.seeds(1.0 - share, spread)}
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
