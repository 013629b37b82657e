"""Ratings -> the tables of one rater."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.store import PreparedDataset, Split
from pipeline.evaluation import rating_baselines
from pipeline.evaluation.baselines import LabelledTexts
from pipeline.evaluation.predict.ratings import Ratings, rate_ids
from pipeline.evaluation.tables import Tables, all_ids, score_rows, stacked, test_splits_first
from pipeline.metrics.rating import Levels, nearest, scores

WORDS = 60
"""About so many has a text that is shown: enough to tell something, few enough to read."""


def evaluate_bundle(bundle: Bundle, dataset: PreparedDataset) -> Tables:
    """Scores, ratings, confusion counts and errors by level on every test split and on validation; a text of
    each level from the first test split."""
    return _tables(dataset, lambda split: rate_ids(bundle, all_ids(split.columns["text"])))


def evaluate_baseline(name: str, dataset: PreparedDataset) -> Tables:
    """As `evaluate_bundle`, of a baseline trained here."""
    train, validation = (_rated(dataset.split(name)) for name in ("train", "validation"))
    answer = rating_baselines.fit(name, train, validation)
    return _tables(dataset, lambda split: Ratings(answer(_rated(split).texts), None))


def _rated(split: Split) -> LabelledTexts:
    rows = split.rows()
    return LabelledTexts(rows["text"].tolist(), rows["rating"].to_numpy(np.int64))


def _tables(dataset: PreparedDataset, answer: Callable[[Split], Ratings]) -> Tables:
    parts, splits = [], test_splits_first(dataset)
    for name in splits:
        split = dataset.split(name)
        parts.append(_split_tables(name, split, answer(split), dataset.description["levels"]))
    tables = stacked(parts)
    own = tables["predictions"][tables["predictions"]["split"] == splits[0]]
    return tables | {"shown": _shown(dataset.split(splits[0]), own)}


def _split_tables(name: str, split: Split, found: Ratings, levels: list[int]) -> Tables:
    given = split.rows()["rating"].to_numpy(np.int64)
    probabilities = [None] * len(given) if found.probabilities is None else list(found.probabilities)
    rows = {"split": name, "row": range(len(given)), "rating": given}
    answers = {"stars": found.stars, "probabilities": probabilities}
    return {
        "scores": score_rows(name, scores(found.stars, given, levels)),
        "predictions": pd.DataFrame(rows | answers),
        "confusion": _confusion(given, nearest(found.stars, levels), levels).assign(split=name),
        "by_level": _by_level(given, found, levels).assign(split=name),
    }


def _confusion(given: Levels, predicted: Levels, levels: list[int]) -> pd.DataFrame:
    """actual, predicted, count: of all pairs of levels."""
    counts = pd.crosstab(given, predicted).reindex(index=levels, columns=levels, fill_value=0)
    actual, answered = np.meshgrid(levels, levels, indexing="ij")
    return pd.DataFrame(
        {"actual": actual.ravel(), "predicted": answered.ravel(), "count": counts.to_numpy().ravel()}
    )


def _by_level(given: Levels, found: Ratings, levels: list[int]) -> pd.DataFrame:
    """rating, texts, mean, low, high (the middle 80 % of the stars), mae: of levels that the split has."""
    rows = []
    for level in levels:
        stars = found.stars[given == level].astype(np.float64)
        if len(stars):
            low, high = np.quantile(stars, (0.1, 0.9))
            error = np.abs(stars - level).mean()
            rows.append([level, len(stars), stars.mean(), low, high, error])
    return pd.DataFrame(rows, columns=["rating", "texts", "mean", "low", "high", "mae"])


def _shown(split: Split, predictions: pd.DataFrame) -> pd.DataFrame:
    """Of each level the text whose length is nearest to `WORDS`: chosen by length, not by result."""
    rows = split.rows()
    distance = (rows["text"].str.split().str.len() - WORDS).abs()
    chosen = [own.idxmin() for _, own in distance.groupby(rows["rating"])]
    shown = predictions.set_index("row").loc[chosen].reset_index()
    return shown.assign(text=rows.loc[chosen, "text"].to_numpy())
