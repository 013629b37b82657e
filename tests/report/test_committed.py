"""The committed results of the real run, drawn with the committed parameters."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from pipeline.config import parse
from pipeline.config.schema.params import Params
from pipeline.report.load import Digests, read_records, read_studies
from pipeline.report.page import render
from pipeline.report.tasks.forecasting import PUBLISHED, apart, published

SYSTEMS = ("gru", "lstm", "bilstm", "repeat_last", "seasonal", "ridge")


@pytest.fixture(scope="module")
def params(root: Path) -> Params:
    return parse(yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def current(params: Params) -> dict[str, Digests]:
    return {name: Digests("code", "parameters") for name in params.experiments}


@pytest.fixture(scope="module")
def page(root: Path, params: Params, current: dict[str, Digests], tmp_path_factory) -> str:
    predictions = tmp_path_factory.mktemp("predictions")
    folder = predictions / "forecast_univariate"
    folder.mkdir()
    hours = np.arange(168 + 48, dtype=np.float32)
    window = {"split": "test", "channel": "OT", "past": hours[:168], "future": hours[168:]}
    rows = [
        {"variant": name, "seed": seed, "row": row, **window, "forecast": hours[168:] + seed}
        for name in SYSTEMS
        for seed in ([0, 1] if name in SYSTEMS[:3] else [-1])
        for row in range(0, 80, 10)
    ]
    pd.DataFrame(rows).to_parquet(folder / "predictions.parquet")
    return render(params, root / "results/full", predictions, current)


def section(page: str, name: str) -> str:
    found = re.search(rf'<section[^>]*id="experiment-{name}".*?</section>', page, re.DOTALL)
    assert found
    return found[0]


def test_every_experiment_that_was_run_has_its_section(page: str, root: Path, params: Params) -> None:
    for name in params.experiments:
        assert f'id="experiment-{name}"' in page
        run = (root / "results/full" / name / "summary.csv").exists()
        assert ("has the highest" in section(page, name) or "has the lowest" in section(page, name)) == run


@pytest.mark.parametrize("name", ["forecast_univariate", "forecast_multivariate"])
def test_errors_by_horizon_are_the_summarys(page: str, root: Path, name: str) -> None:
    summary = pd.read_csv(root / "results/full" / name / "summary.csv")
    found = summary[(summary["split"] == "test") & summary["metric"].str.contains("_")]
    assert len(found) == 2 * 5 * len(SYSTEMS)
    text = section(page, name)
    for value in found["mean"]:
        assert f'<data value="{value}">' in text
    assert "Zhou et al. 2021 (Informer), Tables 1 and 2" in text


def test_windows_are_drawn_where_predictions_are(page: str) -> None:
    assert "OT from hour 70 on" in section(page, "forecast_univariate")
    without = section(page, "forecast_multivariate")
    assert "dvc repro evaluate@forecast_multivariate" in without


def test_published_errors_stand_beside_the_same_windows_only(root: Path, params: Params, current) -> None:
    def study(name: str, **changes):
        results = root / "results/full"
        datasets = {
            f"etth1_{each}": params.datasets[f"etth1_{each}"] for each in ("univariate", "multivariate")
        }
        dataset = datasets[params.experiments[name].dataset].model_copy(update=changes)
        changed = params.model_copy(
            update={"datasets": params.datasets | {params.experiments[name].dataset: dataset}}
        )
        studies = read_studies(changed, results, read_records(changed, results), current)
        return next(each for each in studies if each.name == name)

    assert published(study("forecast_univariate")) == PUBLISHED[1]
    assert published(study("forecast_multivariate")) == PUBLISHED[7]
    assert published(study("forecast_univariate", test=2879)) == {}
    assert published(study("forecast_univariate", columns=["HUFL"])) == {}
    assert published(study("forecast_univariate", series="etth2")) == {}


def test_names_at_the_ends_of_lines_stand_apart_in_their_order() -> None:
    span = [0.02, 0.3]
    values = [0.078, 0.077, 0.0775, 0.25, 0.029]
    places = apart(values, span, 22)
    gap = (np.log(span[1]) - np.log(span[0])) / 22
    assert np.argsort(places).tolist() == np.argsort(values).tolist()
    assert np.diff(np.sort(np.log(places))).min() > gap * 0.999
    assert max(places) <= span[1]
    assert places[3] == pytest.approx(0.25)
