"""The page of an experiment with gaps: which systems compare, errors hour by hour, windows with answers."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.config import parse
from pipeline.config.schema.imputation import Imputation
from pipeline.files import read_json, write_json
from pipeline.report.filled import read_filled
from pipeline.report.load import Digests
from pipeline.report.tasks.imputation import NEXT, errors, gap_of

ORDER = ["lstm_6", "lstm_24", "bilstm_24", "lstm_next", "bilstm_next"]
ASKED = {"lstm_6": 6, "lstm_24": 24, "bilstm_24": 24, "lstm_next": 168, "bilstm_next": 168}
MSE = {"lstm_6": 0.01, "lstm_24": 0.4, "bilstm_24": 0.2, "lstm_next": 0.02, "bilstm_next": 0.0}


@pytest.fixture(scope="module")
def experiment() -> Imputation:
    grid = {name: {} if name == "lstm_24" else {"data": {"gap": 6}} for name in ORDER[:2]}
    grid |= {"bilstm_24": {"model": {"bidirectional": True}}}
    grid |= {name: {"data": {"asked": "next"}} for name in ORDER[3:]}
    return Imputation(
        task="imputation",
        question="What is missing?",
        dataset="waves",
        seeds=2,
        data={"batch_tokens": 999, "max_tokens": 168},
        model={},
        training={"epochs": 1, "learning_rate": 0.1},
        baselines=["interpolation_24", "interpolation_6"],
        grid=grid,
    )


def test_a_system_is_asked_what_its_variant_or_its_name_says(experiment: Imputation) -> None:
    names = [*ORDER, *experiment.baselines]
    assert [gap_of(experiment, name) for name in names] == [6, 24, 24, NEXT, NEXT, 24, 6]


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    rows = [
        {
            "variant": name,
            "seed": seed,
            "split": "test",
            "row": row,
            "channel": channel,
            "place": 1 if hours == 168 else 100,
            "values": np.arange(168.0) + row,
            "actual": np.arange(hours) + row + (1 if hours == 168 else 100),
            "answers": np.full(hours, seed + 0.5),
        }
        for name, hours in ASKED.items()
        for seed in (0, 1)
        for row in (0, 70, 140)
        for channel in ("tide", "wind")
    ]
    folder = tmp_path / "kept"
    folder.mkdir()
    pd.DataFrame(rows).to_parquet(folder / "predictions.parquet")
    return folder


def test_the_window_in_the_middle_is_shown(predictions: Path) -> None:
    found = read_filled(predictions, "test", ["lstm_24", "bilstm_24"])
    assert found is not None
    assert (found.row, found.channel, found.first, found.last) == (70, "wind", 100, 123)
    assert found.actual == [(hour, 70.0 + hour) for hour in range(168)]
    assert list(found.answers) == ["lstm_24", "bilstm_24"]
    assert found.answers["bilstm_24"] == [(hour, 0.5) for hour in range(100, 124)]


def test_what_is_asked_behind_the_window_is_shown_too(predictions: Path) -> None:
    found = read_filled(predictions, "test", ["bilstm_next"])
    assert found is not None
    assert (found.first, found.last) == (1, 168)
    assert found.actual == [(hour, 70.0 + hour) for hour in range(169)]


def test_nothing_is_shown_where_nothing_was_kept(predictions: Path) -> None:
    assert read_filled(predictions, "test", ["gru_24"]) is None
    assert read_filled(predictions / "nowhere", "test", ORDER) is None


def score_tables() -> dict[str, pd.DataFrame]:
    baselines = {"interpolation_24": 0.3, "interpolation_6": 0.02}
    seeds = {name: (0, 1) if name in MSE else (-1,) for name in MSE | baselines}
    scores = [
        (name, "model" if name in MSE else "baseline", seed, "test", "mse", value, "mean")
        for name, value in (MSE | baselines).items()
        for seed in seeds[name]
    ]
    columns = ["variant", "role", "seed", "split", "metric", "value", "signature"]
    frame = pd.DataFrame(scores, columns=columns)
    means = frame.groupby(["variant", "role", "split", "metric"], sort=False)["value"].agg(["mean", "size"])
    means = means.reset_index().rename(columns={"size": "seeds"})
    means["low"], means["high"] = means["mean"] - 0.01, means["mean"] + 0.01
    summary = means[["variant", "role", "split", "metric", "mean", "low", "high", "seeds"]]
    hours = {**ASKED, "interpolation_24": 24, "interpolation_6": 6}
    by_hour = pd.DataFrame(
        [
            (name, seed, "test", hour, (MSE | baselines)[name] + seed)
            for name in hours
            for seed in seeds[name]
            for hour in range(1, hours[name] + 1)
        ],
        columns=["variant", "seed", "split", "hour", "mse"],
    )
    curves = pd.DataFrame(
        [(name, 0, 5, 1, "validation_score", 0.7) for name in MSE],
        columns=["variant", "seed", "step", "epoch", "metric", "value"],
    )
    return {"scores": frame, "summary": summary, "curves": curves, "tables/by_hour": by_hour}


def test_the_finding_is_of_the_gap_that_the_block_names(
    project, experiment: Imputation, predictions: Path
) -> None:
    page = drawn(project, experiment, predictions)
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "bilstm_24 has the lowest MSE: 0.200" in text
    assert "The baseline interpolation_24 (0.300) is below lstm_24." in text
    assert "bilstm_next has the lowest" not in text


def test_hours_are_drawn_by_gap_with_baselines_beside(
    project, experiment: Imputation, predictions: Path
) -> None:
    page = drawn(project, experiment, predictions)
    assert re.findall(r'id="spec-holes-by-hour-(\d+)"', page) == ["6", "24", "0"]
    assert re.findall(r'id="spec-holes-filled-(\d+)"', page) == ["6", "24", "0"]
    found = re.search(r'id="spec-holes-by-hour-24">(.*?)</script>', page)
    assert found
    spec = json.loads(found[1])
    rows = {(row["variant"], row["hour"]): row["mse"] for row in spec["data"]["values"]}
    assert set(rows) == {(name, hour) for name in ("lstm_24", "bilstm_24") for hour in range(1, 25)}
    assert rows["bilstm_24", 24] == pytest.approx(0.7)
    assert {row["variant"] for row in spec["layer"][0]["data"]["values"]} == {"interpolation_24"}


def drawn(project, experiment: Imputation, predictions: Path) -> str:
    """The page's section of the experiment `holes`."""
    raw = project.params.model_dump()
    raw["corpora"]["series"] = {"reader": "series", "process": {"kind": "walk"}}
    raw["datasets"]["waves"] = {
        "kind": "series",
        "corpus": "series",
        "series": "series",
        "columns": ["tide", "wind"],
        "horizons": [24],
        "train": 400,
        "validation": 300,
        "test": 300,
    }
    raw["experiments"]["holes"] = experiment.model_dump()
    folder = project.results / "holes"
    (folder / "tables").mkdir(parents=True)
    for name, table in score_tables().items():
        table.to_csv(folder / f"{name}.csv", index=False)
    (facts,) = read_json(project.results / "sentiment/provenance.json")
    write_json(folder / "provenance.json", [facts | {"experiment": "holes"}])
    shutil.copytree(predictions, project.predictions / "holes")
    current = project.current | {"holes": Digests("code", "parameters")}
    page = replace(project, params=parse(raw), current=current).page()
    found = re.search(r'<section[^>]*id="experiment-holes".*?</section>', page, re.DOTALL)
    assert found
    return found[0]


def test_without_baselines_no_layer_is_empty() -> None:
    frame = pd.DataFrame({"variant": "lstm_next", "hour": [1, 2], "mse": [0.1, 0.2]})
    beside = frame.assign(variant="interpolation_2")
    both = pd.concat([frame, beside])
    alone, with_line = (len(errors(each, "", ["lstm_next"])["layer"]) for each in (frame, both))
    assert with_line == alone + 1
