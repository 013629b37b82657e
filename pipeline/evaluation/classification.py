"""Class probabilities -> the tables of one classifier."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.store import PreparedDataset, Split
from pipeline.evaluation import baselines
from pipeline.evaluation.predict.classes import classify_ids
from pipeline.evaluation.tables import Tables, all_ids, score_rows, stacked, test_splits_first
from pipeline.metrics.classification import calibration_bins, confusion, filler_drop, scores
from pipeline.metrics.score import Score

Probabilities = npt.NDArray[np.float32]
CUTS = (0.25, 0.5, 1, 2, 4)
"""Tokens that are read, as multiples of what training read."""
FEWEST = 200
"""Texts that a comparison over cuts needs."""


def evaluate_bundle(bundle: Bundle, dataset: PreparedDataset) -> Tables:
    """Scores, predictions, confusion counts and calibration on every test split and on validation; accuracy
    where more or less is read than in training, and by the words of filler behind a text."""
    tables = _tables(dataset, lambda split: classify_ids(bundle, all_ids(split.columns["text"])))
    return _with_cuts(bundle, dataset, tables)


def evaluate_baseline(name: str, dataset: PreparedDataset) -> Tables:
    """As `evaluate_bundle`, of a baseline trained here."""
    assert dataset.classes is not None
    train, validation = (_labelled(dataset.split(name)) for name in ("train", "validation"))
    answer = baselines.fit(name, train, validation, len(dataset.classes))
    return _tables(dataset, lambda split: answer(_labelled(split).texts))


def _with_cuts(bundle: Bundle, dataset: PreparedDataset, tables: Tables) -> Tables:
    """Adds accuracy_N to scores and predictions: N tokens are read, from a quarter to four times as many as
    in training, of the same texts, those of the first test split that are long enough.

    Not where too few are, or where padding is read too.
    """
    name, data = test_splits_first(dataset)[0], bundle.description["data"]
    split = dataset.split(name)
    assert split.labels is not None
    column = split.columns["text"]
    places = np.flatnonzero(column.lengths >= max(CUTS) * data["max_tokens"])
    if len(places) < FEWEST or data["padding"] != "masked":
        return tables
    texts, labels = [column[int(row)] for row in places], split.labels[places]
    is_asked = (tables["predictions"]["split"] == name).to_numpy()
    right, found = {}, {}
    for share in CUTS:
        cut = max(1, round(share * data["max_tokens"]))
        answers = np.full(len(is_asked), np.nan)
        answers[np.flatnonzero(is_asked)[places]] = classify_ids(bundle, texts, cut=cut).argmax(1) == labels
        right[f"accuracy_{cut}"] = answers
        signature = f"accuracy with {cut} tokens read, on the {len(places)} texts of four times the length"
        found[f"accuracy_{cut}"] = Score(float(np.nanmean(answers)), signature)
    return tables | {
        "scores": pd.concat([tables["scores"], score_rows(name, found)], ignore_index=True),
        "predictions": tables["predictions"].assign(**right),
    }


def _tables(dataset: PreparedDataset, answer: Callable[[Split], Probabilities]) -> Tables:
    parts = []
    for name in test_splits_first(dataset):
        split = dataset.split(name)
        probabilities = answer(split)
        tables = _split_tables(name, split, probabilities)
        if lengths := dataset.description.get("filler"):
            tables = _with_filler(name, split, probabilities, tables, lengths)
        parts.append(tables)
    return stacked(parts)


def _with_filler(
    name: str, split: Split, probabilities: Probabilities, tables: Tables, lengths: Sequence[int]
) -> Tables:
    """by_filler (split, filler, texts, accuracy), the drop among the scores, and of each prediction its text
    and the filler behind it: a text's rows are neighbours, one for each length."""
    assert split.labels is not None
    right = probabilities.argmax(1) == split.labels
    texts, filler = np.divmod(np.arange(len(right)), len(lengths))
    filler = np.asarray(lengths)[filler]
    found = [
        {"split": name, "filler": length, "texts": len(own), "accuracy": own.mean()}
        for length, own in ((length, right[filler == length]) for length in lengths)
    ]
    drop = score_rows(name, filler_drop(right.reshape(-1, len(lengths)), lengths))
    return tables | {
        "scores": pd.concat([tables["scores"], drop], ignore_index=True),
        "predictions": tables["predictions"].assign(text=texts, filler=filler),
        "by_filler": pd.DataFrame(found),
    }


def _split_tables(name: str, split: Split, probabilities: Probabilities) -> Tables:
    labels = split.labels
    assert labels is not None
    counts = confusion(probabilities, labels)
    actual, predicted = np.indices(counts.shape).reshape(2, -1)
    rows = np.arange(len(labels))
    return {
        "scores": score_rows(name, scores(probabilities, labels)),
        "predictions": pd.DataFrame(
            {"split": name, "row": rows, "label": labels, "probabilities": list(probabilities)}
        ),
        "confusion": pd.DataFrame(
            {"split": name, "actual": actual, "predicted": predicted, "count": counts.ravel()}
        ),
        "calibration": pd.DataFrame(
            [
                {
                    "split": name,
                    "bin": i,
                    "confidence": each.confidence,
                    "accuracy": each.accuracy,
                    "count": each.count,
                }
                for i, each in enumerate(calibration_bins(probabilities, labels))
            ]
        ),
    }


def _labelled(split: Split) -> baselines.LabelledTexts:
    assert split.labels is not None
    return baselines.LabelledTexts(split.rows()["text"].tolist(), split.labels)
