"""Filled parts: scores that follow from what is kept, baselines with known errors, tables with holes."""

import numpy as np
import pandas as pd
import pytest

from pipeline.data.series import Part
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.evaluation import gap_baselines, imputation
from pipeline.evaluation.experiment import evaluate
from pipeline.evaluation.paired import paired
from pipeline.evaluation.predict.fillings import answered, fill_table
from pipeline.report.load import TABLES


@pytest.fixture(scope="module")
def waves(prepared) -> PreparedDataset:
    return prepared.dataset("hole")


@pytest.fixture(scope="module")
def bundle(prepared):
    return prepared.bundle("hole", "five")


def series(prepared, rows: int = 60) -> pd.DataFrame:
    table = pd.read_parquet(prepared.root / "data/raw/smoke/waves/hours.parquet")
    return table[["wind", "date", "tide"]].iloc[:rows].reset_index(drop=True)


def score(tables, name: str, split: str = "test") -> float:
    found = tables["scores"].set_index(["split", "metric"])["value"]
    return float(found[split, name])


def test_an_experiment_writes_its_tables(project) -> None:
    evaluate(project.params, "hole", project.places("hole"), tell=lambda _: None)
    folder = project.places("hole").results
    paths = {path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.csv")}
    found = {name: list(pd.read_csv(path)) for name, path in paths.items()}
    assert found.pop("tables/paired") == ["split", "metric", "a", "b", "difference", "error", "items"]
    assert found == TABLES["imputation"]
    scores = pd.read_csv(folder / "scores.csv")
    assert set(scores["metric"]) == {"mse", "mae", "r2", "mse_last"}
    assert set(scores[scores["metric"] == "mse_last"]["variant"]) == {"next"}
    found = pd.read_csv(folder / "tables/paired.csv").set_index(["metric", "a", "b"])["difference"]
    means = scores[scores["split"] == "test"].groupby(["metric", "variant"])["value"].mean()
    expected = means["mse", "five"] - means["mse", "interpolation_5"]
    assert found["mse", "five", "interpolation_5"] == pytest.approx(expected, rel=1e-4)


def test_scores_are_the_means_of_windows_and_of_hours(bundle, waves) -> None:
    tables = imputation.evaluate_bundle(bundle, waves)
    for split, hours in (("test", 130), ("validation", 170)):
        windows = tables["windows"][tables["windows"]["split"] == split]
        assert len(windows) == hours
        assert windows["mse"].isna().sum() == 5
        by_hour = tables["by_hour"][tables["by_hour"]["split"] == split]
        assert by_hour["hour"].tolist() == [1, 2, 3, 4, 5]
        for found in (windows["mse"].mean(), by_hour["mse"].mean()):
            assert found == pytest.approx(score(tables, "mse", split), rel=1e-4)


def test_the_last_hour_is_scored_by_itself(prepared, waves) -> None:
    tables = imputation.evaluate_bundle(prepared.bundle("hole", "next"), waves)
    by_hour = tables["by_hour"][tables["by_hour"]["split"] == "test"]
    assert len(by_hour) == 40
    assert by_hour["mse"].iloc[-1] == pytest.approx(score(tables, "mse_last"), rel=1e-6)
    assert by_hour["mse"].mean() == pytest.approx(score(tables, "mse"), rel=1e-6)


def test_kept_windows_are_in_the_channels_own_units(bundle, waves, prepared) -> None:
    kept = imputation.evaluate_bundle(bundle, waves)["predictions"]
    kept = kept[(kept["split"] == "test") & (kept["channel"] == "wind")]
    assert len(kept) == imputation.KEPT
    raw = pd.read_parquet(prepared.root / "data/raw/smoke/waves/hours.parquet")["wind"].to_numpy()
    first = Part.read(waves, "test").first
    for row in kept.itertuples():
        hour = first + row.row
        assert row.actual == pytest.approx(raw[hour : hour + 5], rel=1e-4, abs=1e-3)
        assert row.values[row.place : row.place + 5] == pytest.approx(row.actual)


def test_baselines_on_hours_known_by_heart() -> None:
    """Hour t holds t squared; hours 26 to 28 are hidden."""
    values = np.arange(40, dtype=np.float32)[None, :, None] ** 2
    hidden = (np.arange(40) >= 26) & (np.arange(40) < 29)
    found = {
        way: gap_baselines.filler(way)(values, hidden[None])[0, :, 0]
        for way in ("repeat_last", "seasonal", "interpolation")
    }
    assert found["repeat_last"][26:29].tolist() == [625] * 3
    assert found["seasonal"][26:29].tolist() == [4, 9, 16]
    assert found["interpolation"][26:29].tolist() == [679, 733, 787]
    for each in found.values():
        assert (each[~hidden] == values[0, ~hidden, 0]).all()


def test_a_gap_longer_than_a_day_repeats_the_day_before_it() -> None:
    values = np.arange(80, dtype=np.float32)[None, :, None]
    hidden = ((np.arange(80) >= 30) & (np.arange(80) < 60))[None]
    filled = gap_baselines.seasonal(values, hidden)[0, :, 0]
    assert filled[30:60].tolist() == [*range(6, 30), *range(6, 12)]


def test_a_baseline_fills_the_gap_that_it_names(waves) -> None:
    tables = imputation.evaluate_baseline("repeat_last_7", waves)
    part = Part.read(waves, "test")
    ends = range(part.first, len(part.values) - 7)
    missed = [part.values[t : t + 7] - part.values[t - 1] for t in ends]
    assert score(tables, "mse") == pytest.approx(np.mean(np.square(missed)), rel=1e-5)


def test_a_wave_s_straight_line_is_better_than_its_last_value(waves) -> None:
    line, last = (imputation.evaluate_baseline(f"{way}_2", waves) for way in ("interpolation", "repeat_last"))
    assert score(line, "mse") < score(last, "mse")
    assert score(line, "r2") > score(last, "r2")


def test_windows_that_overlap_are_no_independent_items() -> None:
    """Errors that last for a block: its error of the mean is that of far fewer items."""
    rng = np.random.default_rng(3)
    slow = np.repeat(rng.normal(size=60), 10)
    rows = [
        {"variant": name, "seed": 0, "split": "test", "row": row, "mse": value, "block": block}
        for name, values, block in (("a", slow, 10), ("b", np.zeros(600), 3))
        for row, value in enumerate(values)
    ]
    tables = {"windows": pd.DataFrame(rows), "scores": pd.DataFrame({"metric": ["mse"]})}
    (found,) = paired(tables, {"tests": ["test"]}, "imputation").to_dict("records")
    assert found["difference"] == pytest.approx(slow.mean())
    assert found["error"] == pytest.approx(slow.std() / np.sqrt(60), rel=0.25)


def test_a_table_is_filled_as_the_evaluation_does(bundle, waves, prepared) -> None:
    table = series(prepared, 40)
    table.loc[10:14, "wind"] = np.nan
    filled = fill_table(bundle, table)
    facts = waves.description
    mean, scale = np.array(facts["mean"]), np.array(facts["scale"])
    scaled = ((table[facts["channels"]].to_numpy(float) - mean) / scale).astype(np.float32)
    hidden = np.isnan(scaled).any(1)
    expected = answered(bundle, np.nan_to_num(scaled)[None], hidden[None])[0] * scale + mean
    wind = facts["channels"].index("wind")
    assert filled["wind"].iloc[10:15].to_numpy() == pytest.approx(expected[10:15, wind], rel=1e-5)
    assert (filled["tide"] == table["tide"]).all()
    assert (filled["wind"].drop(range(10, 15)) == table["wind"].drop(range(10, 15))).all()


@pytest.mark.parametrize("rows", [[0, 1], [57, 58, 59], [3, 20, 21, 50], [*range(12, 47)]])
def test_gaps_anywhere_and_of_any_length_are_filled(bundle, prepared, rows: list[int]) -> None:
    table = series(prepared).astype({"tide": object, "wind": object})
    table.loc[rows, "tide"] = ""
    table.loc[rows[:1], "wind"] = "NaN"
    assert np.isfinite(fill_table(bundle, table).to_numpy()).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t, "table: no cell of tide, wind is empty; there is nothing to fill"),
        (lambda t: t.drop(columns="tide"), "table: lacks column tide; it has wind, date; needs tide, wind"),
        (lambda t: cell(t, 3, "gale"), "table, row 4, column wind: 'gale' is no finite number; mend it, or"),
        (
            lambda t: cell(t, slice(4, 55), ""),
            r"table, rows 5 to 56: all are empty, and so is .* \(40 rows\)",
        ),
    ],
)
def test_what_cannot_be_filled_is_said_in_one_line(bundle, prepared, change, message: str) -> None:
    with pytest.raises(UserError, match=message):
        fill_table(bundle, change(series(prepared)))


def cell(table: pd.DataFrame, row: int | slice, value: str) -> pd.DataFrame:
    table["wind"] = table["wind"].astype(object)
    table.loc[row, "wind"] = value
    return table


def test_who_learned_to_tell_the_next_hour_fills_nothing(prepared) -> None:
    with pytest.raises(UserError, match="model: learned to tell the next hour, not to fill gaps"):
        fill_table(prepared.bundle("hole", "next"), series(prepared))
