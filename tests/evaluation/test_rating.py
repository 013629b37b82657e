"""Ratings as they are kept: scores that anyone can compute again, counts that add up, texts of each level."""

import json

import numpy as np
import pandas as pd
import pytest

from pipeline.evaluation.experiment import evaluate
from pipeline.evaluation.predict.ratings import rate, rate_ids
from pipeline.metrics.rating import nearest, scores
from pipeline.report.load import TABLES

LEVELS = [1, 2, 5]
SYSTEMS = {"regression", "ordinal", "classes", "mean", "ridge", "logistic"}


@pytest.fixture
def found(project):
    """Tables of results/ by path without ending, and predictions/ by name."""
    places = project.places("star")
    evaluate(project.params, "star", places, tell=lambda line: None)
    tables = {
        path.relative_to(places.results).with_suffix("").as_posix(): pd.read_csv(path)
        for path in places.results.rglob("*.csv")
    }
    return tables, {path.stem: pd.read_parquet(path) for path in places.predictions.glob("*.parquet")}


def test_tables_are_those_that_the_report_reads(found):
    tables, kept = found
    columns = {name: list(table) for name, table in tables.items()}
    assert columns.pop("tables/paired") == ["split", "metric", "a", "b", "difference", "error", "items"]
    assert columns == TABLES["rating"]
    assert set(kept) == {"predictions", "shown"}
    assert set(kept["predictions"]["variant"]) == set(tables["scores"]["variant"]) == SYSTEMS


def test_scores_can_be_computed_from_the_predictions(found):
    tables, kept = found
    scored = tables["scores"].set_index(["variant", "seed", "split", "metric"])["value"]
    for (variant, seed, split), own in kept["predictions"].groupby(["variant", "seed", "split"]):
        again = scores(own["stars"].to_numpy(), own["rating"].to_numpy(), LEVELS)
        for metric, score in again.items():
            assert scored[variant, seed, split, metric] == pytest.approx(score.value)
    assert scored["logistic", -1, "test", "mae"] < 0.2
    assert scored["mean", -1, "test", "kappa"] == 0


def test_only_distributions_have_probabilities_and_stars_are_their_median(found):
    rows = found[1]["predictions"]
    without = {"regression", "mean", "ridge", "logistic"}
    assert rows[rows["variant"].isin(without)]["probabilities"].isna().all()
    own = rows[~rows["variant"].isin(without)]
    shares = np.stack(own["probabilities"].to_list())
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-5)
    place = np.searchsorted(LEVELS, own["stars"])
    cumulated = np.concatenate([np.zeros((len(shares), 1)), shares.cumsum(1)], axis=1)
    assert (np.take_along_axis(cumulated, place[:, None], 1) < 0.5 + 1e-5).all()
    assert (np.take_along_axis(cumulated, place[:, None] + 1, 1) > 0.5 - 1e-5).all()


def test_confusion_and_levels_count_every_text(found):
    tables, kept = found
    counts = tables["tables/confusion"].groupby(["variant", "seed", "split"])["count"].sum()
    by_level = tables["tables/by_level"]
    assert counts.equals(by_level.groupby(["variant", "seed", "split"])["texts"].sum().rename("count"))
    assert set(counts) == {17, 23, 5}
    rows = kept["predictions"].query("variant == 'regression' and seed == 1 and split == 'test'")
    matrix = tables["tables/confusion"].query("variant == 'regression' and seed == 1 and split == 'test'")
    right = (nearest(rows["stars"].to_numpy(), LEVELS) == rows["rating"]).sum()
    assert matrix[matrix["actual"] == matrix["predicted"]]["count"].sum() == right
    level = by_level.query("variant == 'regression' and seed == 1 and split == 'test' and rating == 5").iloc[
        0
    ]
    own = rows[rows["rating"] == 5]
    assert level["mae"] == pytest.approx((own["stars"] - 5).abs().mean())
    assert level["low"] <= level["mean"] <= level["high"]


def test_a_text_of_each_level_is_shown(found, project):
    shown = found[1]["shown"]
    texts = project.dataset("star").split("test").rows()["text"]
    for _, own in shown.groupby(["variant", "seed"]):
        assert own["rating"].tolist() == LEVELS
        assert own["split"].unique().tolist() == ["test"]
        assert own["text"].tolist() == texts[own["row"]].tolist()


def test_the_headline_is_the_absolute_error(found, project):
    path = project.places("star").results / "metrics/classes.json"
    assert {"mae", "kappa", "mae_halfwidth"} <= set(json.loads(path.read_text()))


@pytest.mark.parametrize("head", ["regression", "ordinal", "classes"])
def test_raw_texts_and_stored_ids_get_the_same_answer_in_any_batches(prepared, head):
    bundle, split = prepared.bundle("star", head), prepared.dataset("star").split("test")
    texts = [*split.rows()["text"][:7], "", "zebra 🦓", "one " * 50]
    together, single = rate(bundle, texts), rate(bundle, texts, batch_tokens=1)
    np.testing.assert_allclose(together.stars, single.stars, atol=1e-5)
    np.testing.assert_allclose(
        rate_ids(bundle, [split.columns["text"][3]]).stars, together.stars[3], atol=1e-5
    )
    assert ((together.stars >= 1) & (together.stars <= 5)).all()
    assert rate(bundle, []).stars.shape == (0,)
