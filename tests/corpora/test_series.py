"""Generated series: what is promised of them holds on what is made."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.schema.corpora import SeriesCorpus, WalkProcess
from pipeline.corpora import canonical, ett
from pipeline.corpora.canonical import checked
from pipeline.corpora.embedded import series
from pipeline.corpora.embedded.series import CHANNELS, bayes_error, expected, ideal_forecast
from pipeline.corpora.hourly import check_hours

SEASONAL = {"kind": "seasonal", "trend": 0.05, "daily": 2.0, "weekly": 1.0, "persistence": 0.9, "noise": 0.5}
WALK = {"kind": "walk", "drift": 0.3, "noise": 1.0}


def corpus(process: dict[str, Any], **settings: Any) -> SeriesCorpus:
    return SeriesCorpus.model_validate({"reader": "series", "process": process} | settings)


def values_of(table: pa.Table) -> Any:
    return np.stack([table[channel].to_numpy() for channel in CHANNELS], axis=1)


def generated(asked: SeriesCorpus) -> Any:
    return values_of(series.generate(asked)["series"])


def test_the_same_schema_as_the_real_corpus() -> None:
    tables = series.generate(corpus(SEASONAL, hours=97))
    for split in series.splits(corpus(SEASONAL, hours=97)):
        assert checked(tables[split.name], split, split.name).schema == ett.splits()[0].schema
        check_hours(tables[split.name]["date"].to_pylist(), split.name)


@pytest.mark.parametrize("process", [SEASONAL, WALK])
def test_a_seed_makes_one_series(process: dict[str, Any]) -> None:
    digests = [
        canonical.digest(series.generate(corpus(process, hours=97, seed=seed))["series"])
        for seed in (3, 3, 4)
    ]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("process", [SEASONAL, WALK, SEASONAL | {"persistence": 0.0}])
def test_the_ideal_forecaster_makes_the_errors_that_are_promised(process: dict[str, Any]) -> None:
    asked, horizon = corpus(process, hours=6000), 31
    values = generated(asked)
    origins = range(500, 6000 - horizon, 61)
    errors = [
        (ideal_forecast(asked, values[:origin], horizon) - values[origin : origin + horizon]) ** 2
        for origin in origins
    ]
    found = np.mean(errors, axis=(0, 2))
    promised = bayes_error(asked, horizon)
    assert found == pytest.approx(promised, rel=0.2)
    assert found.mean() == pytest.approx(promised.mean(), rel=0.07)
    assert (np.diff(promised) >= 0).all()


@pytest.mark.parametrize("process", [SEASONAL, WALK])
def test_no_other_forecast_is_as_good(process: dict[str, Any]) -> None:
    """Neither the last value, nor what is certain, nor the mean of two days."""
    asked = corpus(process, hours=4000)
    values, certain = generated(asked), expected(asked)
    hours = range(500, 3999, 17)
    ideal = np.mean([(ideal_forecast(asked, values[:hour], 1)[0] - values[hour]) ** 2 for hour in hours])
    others = [lambda hour: values[hour - 1], lambda hour: values[hour - 48 : hour].mean(0)]
    others += [lambda hour: certain[hour]]
    for other in others:
        assert np.mean([(other(hour) - values[hour]) ** 2 for hour in hours]) > 1.1 * ideal


def test_seasons_return_and_the_trend_is_bounded() -> None:
    asked = corpus(SEASONAL | {"trend": 0.7}, hours=3000)
    certain = expected(asked)
    weeks = certain[168:] - certain[:-168]
    assert weeks == pytest.approx(np.broadcast_to(weeks[0], weeks.shape))
    assert np.abs(weeks).max() <= 0.7
    assert np.ptp(expected(corpus(SEASONAL | {"trend": 0.0, "daily": 0.0}, hours=600))[::168], axis=0) == (
        pytest.approx(0, abs=1e-9)
    )


# --------------------------------------------------------------------------------------------- gaps


@given(
    gaps=st.integers(0, 7), hours=st.integers(1, 30), length=st.integers(350, 700), seed=st.integers(0, 99)
)
def test_gaps_are_as_many_and_as_long_as_asked_for(gaps: int, hours: int, length: int, seed: int) -> None:
    asked = corpus(WALK, hours=length, gaps=gaps, gap_hours=hours, seed=seed)
    observed = values_of(series.generate(asked)["observed"])
    assert set(np.unique(observed)) <= {0.0, 1.0}
    edges = np.diff(np.pad(observed, ((1, 1), (0, 0)), constant_values=1.0), axis=0)
    for channel in range(len(CHANNELS)):
        starts, ends = (np.flatnonzero(edges[:, channel] == sign) for sign in (-1, 1))
        assert (ends - starts).tolist() == [hours] * gaps
        assert not gaps or (starts[0] > 0 and ends[-1] < length)


def test_gaps_leave_the_series_as_it_is() -> None:
    whole, holed = corpus(WALK, hours=300), corpus(WALK, hours=300, gaps=5, gap_hours=20)
    assert (generated(whole) == generated(holed)).all()


# --------------------------------------------------------------------------------------- imputation


def smoothed(observed: Any, drift: float, noise: float) -> tuple[Any, Any]:
    """Error variances of filter and Rauch-Tung-Striebel smoother of the level, hour by hour."""
    filtered, predicted = [], []
    variance = 1e6
    for seen in observed:
        predicted.append(variance := variance + drift**2)
        variance = 1 / (1 / variance + seen / noise**2)
        filtered.append(variance)
    smooth = [filtered[-1]]
    for hour in range(len(observed) - 2, -1, -1):
        gain = filtered[hour] / predicted[hour + 1]
        smooth.append(filtered[hour] + gain**2 * (smooth[-1] - predicted[hour + 1]))
    return np.array(filtered), np.array(smooth[::-1])


@given(drift=st.floats(0.1, 3.0), noise=st.floats(0.1, 3.0), hours=st.integers(1, 40))
def test_imputation_from_both_sides_gains_what_the_kalman_smoother_gains(
    drift: float, noise: float, hours: int
) -> None:
    margin = 300
    observed = np.ones(2 * margin + hours)
    observed[margin : margin + hours] = 0
    filtered, smooth = smoothed(observed, drift, noise)
    gap = slice(margin, margin + hours)
    past, both = series.imputation_errors(WalkProcess(kind="walk", drift=drift, noise=noise), hours)
    assert past == pytest.approx(filtered[gap], rel=1e-3)
    assert both == pytest.approx(smooth[gap], rel=1e-3)
    assert (both < past).all()
    assert both == pytest.approx(both[::-1]), "neither side knows more"


def test_imputation_of_generated_walks_makes_these_errors() -> None:
    """The level in the middle of a gap, from steady filters that read up to it and back to it."""
    walk = WalkProcess(kind="walk", drift=0.5, noise=1.0)
    asked = corpus(walk.model_dump(), hours=6000, seed=5)
    rng = np.random.default_rng([asked.seed, 1])
    level = expected(asked) + rng.normal(0, walk.drift, (asked.hours, len(CHANNELS))).cumsum(0)
    seen, hours, half = generated(asked), 12, 6
    past, both = series.imputation_errors(walk, hours)
    ahead, mixed = [], []
    for start in range(200, asked.hours - 200, 41):
        left = ideal_forecast(asked, seen[:start], 1)[0]
        # Read backwards, a walk is the same walk.
        mirror = corpus(walk.model_dump(), hours=201, seed=5)
        right = ideal_forecast(mirror, seen[start + hours : start + hours + 200][::-1], 1)[0]
        truth = level[start + half]
        shares = 1 / past[half], 1 / past[::-1][half]
        ahead.append((left - truth) ** 2)
        mixed.append(((shares[0] * left + shares[1] * right) / sum(shares) - truth) ** 2)
    assert np.mean(ahead) == pytest.approx(past[half], rel=0.1)
    assert np.mean(mixed) == pytest.approx(both[half], rel=0.1)
