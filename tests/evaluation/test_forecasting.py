"""Forecasts of whole parts: scores that follow from what is kept, units, and baselines with known errors."""

import numpy as np
import pandas as pd
import pytest

from pipeline.data.series import Part
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.evaluation import forecasting, series_baselines
from pipeline.evaluation.experiment import evaluate
from pipeline.evaluation.predict.forecasts import forecast_table, forecast_values
from pipeline.report.load import TABLES

HORIZONS = [2, 30]


@pytest.fixture(scope="module")
def waves(prepared) -> PreparedDataset:
    return prepared.dataset("wave")


@pytest.fixture(scope="module")
def bundle(prepared):
    return prepared.bundle("wave", "lstm")


def history(prepared, rows: int = 40) -> pd.DataFrame:
    table = pd.read_parquet(prepared.root / "data/raw/smoke/waves/hours.parquet")
    return table[["wind", "date", "tide"]].iloc[:rows]


def score(tables, name: str, split: str = "test") -> float:
    found = tables["scores"].set_index(["split", "metric"])["value"]
    return float(found[split, name])


def test_an_experiment_writes_its_tables(project) -> None:
    evaluate(project.params, "wave", project.places("wave"), tell=lambda _: None)
    folder = project.places("wave").results
    paths = {path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.csv")}
    found = {name: list(pd.read_csv(path)) for name, path in paths.items()}
    assert found.pop("tables/paired") == ["split", "metric", "a", "b", "difference", "error", "items"]
    assert found == TABLES["forecasting"]
    scores = pd.read_csv(folder / "scores.csv")
    assert set(scores["variant"]) == {"lstm", "apart", "repeat_last", "seasonal", "ridge"}
    assert (scores["value"] >= 0).all()


def test_scores_are_the_means_of_windows_and_channels(bundle, waves) -> None:
    tables = forecasting.evaluate_bundle(bundle, waves)
    for split, hours in (("test", 130), ("validation", 170)):
        windows = tables["windows"][tables["windows"]["split"] == split]
        assert len(windows) == hours
        assert windows["mse_30"].isna().sum() == 29
        channels = tables["by_channel"][tables["by_channel"]["split"] == split]
        assert set(channels["channel"]) == {"tide", "wind"}
        for horizon in HORIZONS:
            expected = score(tables, f"mse_{horizon}", split)
            assert windows[f"mse_{horizon}"].mean() == pytest.approx(expected, rel=1e-4)
            own = channels[channels["horizon"] == horizon]
            assert own["mse"].mean() == pytest.approx(expected, rel=1e-4)


def test_kept_windows_are_in_the_channels_own_units(bundle, waves, prepared) -> None:
    kept = forecasting.evaluate_bundle(bundle, waves)["predictions"]
    raw = pd.read_parquet(prepared.root / "data/raw/smoke/waves/hours.parquet")
    line = kept[(kept["split"] == "test") & (kept["channel"] == "tide")].iloc[3]
    start = 500 + 170 + line["row"]
    np.testing.assert_allclose(line["future"], raw["tide"][start : start + 30], rtol=1e-5)
    np.testing.assert_allclose(line["past"], raw["tide"][start - len(line["past"]) : start], rtol=1e-5)


def test_a_table_is_forecast_as_the_evaluation_does(bundle, waves, prepared) -> None:
    table = history(prepared)
    found = forecast_table(bundle, table, steps=7)
    assert list(found) == ["step", "tide", "wind"]
    assert found["step"].tolist() == list(range(1, 8))
    mean, scale = (np.array(waves.description[name]) for name in ("mean", "scale"))
    past = ((table[["tide", "wind"]].to_numpy()[-12:] - mean) / scale).astype(np.float32)
    expected = forecast_values(bundle, past[None])[0, :7] * scale + mean
    np.testing.assert_allclose(found[["tide", "wind"]], expected)


@pytest.mark.parametrize(
    ("change", "steps", "message"),
    [
        (lambda t: t.drop(columns="tide"), 3, "lacks column tide; it has wind, date; needs tide, wind"),
        (lambda t: t.iloc[:11], 3, "has 11 rows; needs the last 12; give at least so many"),
        (lambda t: t.assign(tide="x"), 3, "row 29, column tide: 'x' is no finite number; mend it"),
        (lambda t: t, 31, "steps 31: the model forecasts 1 to 30; ask for so many"),
        (lambda t: t, 0, "steps 0: the model forecasts 1 to 30; ask for so many"),
    ],
)
def test_what_cannot_be_forecast_is_said_in_one_line(bundle, prepared, change, steps, message) -> None:
    with pytest.raises(UserError) as error:
        forecast_table(bundle, change(history(prepared)), steps=steps)
    assert str(error.value).removeprefix("history").lstrip(":, ") == message.removeprefix("history")


def test_the_day_before_is_exact_for_what_repeats_each_day(waves) -> None:
    tables = forecasting.evaluate_baseline("seasonal", waves)
    by_channel = tables["by_channel"].set_index(["split", "channel", "horizon"])["mse"]
    assert by_channel["test", "tide", 30] == pytest.approx(0, abs=1e-9)
    assert by_channel["test", "wind", 30] > 1e-3


def test_the_last_value_by_hand() -> None:
    past = np.array([[[4.0, -1.0]]], dtype=np.float32)
    baseline = series_baselines.repeat_last(3)
    assert baseline.history == 1
    assert baseline.forecast(past).tolist() == [[[4, -1]] * 3]
    day = np.arange(24, dtype=np.float32).reshape(1, 24, 1)
    assert series_baselines.seasonal(26).forecast(day)[0, :, 0].tolist() == [*range(24), 0, 1]


def test_ridge_finds_a_linear_rule_and_never_sees_the_test_part(waves) -> None:
    train, validation = (Part.read(waves, part) for part in ("train", "validation"))
    assert len(validation.values) == 670
    baseline = series_baselines.fit("ridge", train, validation, HORIZONS)
    past, future = Part.read(waves, "test").windows(baseline.history, 30)[np.arange(100)]
    missed = (baseline.forecast(past) - future)[..., 0]
    assert float((missed**2).mean()) < 1e-3


def test_ridge_needs_a_whole_window(waves) -> None:
    short = Part(Part.read(waves, "train").values[:190], 0)
    with pytest.raises(UserError, match=r"ridge: needs 198 hours of training; the part has 190"):
        series_baselines.fit("ridge", short, short, HORIZONS)


def test_an_unknown_baseline_is_named(waves) -> None:
    train = Part.read(waves, "train")
    with pytest.raises(ValueError, match="no baseline 'tomorrow'"):
        series_baselines.fit("tomorrow", train, train, HORIZONS)
