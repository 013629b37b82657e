"""Tags -> the tables of one tagger."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.store import PreparedDataset, Split
from pipeline.evaluation import tag_baselines
from pipeline.evaluation.predict.tags import tag_ids
from pipeline.evaluation.tables import Tables, all_ids, score_rows, stacked, test_splits_first
from pipeline.metrics.tagging import bio_scores, by_tag, confusion, plain_scores

Answer = Callable[[Split], list[list[str]]]


def evaluate_bundle(bundle: Bundle, dataset: PreparedDataset) -> Tables:
    """Scores, predictions, scores by tag and (plain tags) confusion on every test split and on validation."""

    def answer(split: Split) -> list[list[str]]:
        return tag_ids(bundle, all_ids(split.columns["words"]), all_ids(split.columns["characters"]))

    return _tables(dataset, answer)


def evaluate_baseline(name: str, dataset: PreparedDataset) -> Tables:
    """As `evaluate_bundle`, of a baseline trained here."""
    train, validation = (_tagged(dataset.split(split)) for split in ("train", "validation"))
    tag = tag_baselines.fit(name, train, validation)
    return _tables(dataset, lambda split: tag(_tagged(split).sentences))


def _tables(dataset: PreparedDataset, answer: Answer) -> Tables:
    vocabulary = {word for sentence in _tagged(dataset.split("train")).sentences for word in sentence}
    parts = [_split_tables(dataset, name, vocabulary, answer) for name in test_splits_first(dataset)]
    return stacked(parts)


def _split_tables(dataset: PreparedDataset, name: str, vocabulary: set[str], answer: Answer) -> Tables:
    split, scheme, names = dataset.split(name), dataset.description["scheme"], dataset.description["tags"]
    gold, predicted = _tagged(split), answer(split)
    if scheme == "bio":
        scores = bio_scores(gold.tags, predicted)
    else:
        known = [[word in vocabulary for word in sentence] for sentence in gold.sentences]
        scores = plain_scores(gold.tags, predicted, known)
    counts = confusion(gold.tags, predicted, names)
    actual, found = (np.array(names)[places.ravel()] for places in np.indices(counts.shape))
    return {
        "scores": score_rows(name, scores),
        "predictions": pd.DataFrame(
            {
                "split": name,
                "row": range(len(split)),
                "tokens": gold.sentences,
                "tags": gold.tags,
                "predicted": predicted,
            }
        ),
        "by_tag": pd.DataFrame(by_tag(gold.tags, predicted, scheme=scheme)).assign(split=name),
        "confusion": pd.DataFrame(
            {"split": name, "actual": actual, "predicted": found, "count": counts.ravel()}
        ),
    }


def _tagged(split: Split) -> tag_baselines.TaggedSentences:
    rows = split.rows()
    return tag_baselines.TaggedSentences(_lists(rows["tokens"]), _lists(rows["tags"]))


def _lists(column: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(each) for each in column]
