"""What a network that answers must beat: answers that don't read the text, or hardly do."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors

from pipeline.errors import UserError

Answer = Callable[[pd.DataFrame], list[str]]
"""Rows with `source`, and `group` where the dataset has it -> one answer each."""
SENTENCE = re.compile(r"[^.!?]*[.!?]*")


def fit(name: str, train: pd.DataFrame) -> Answer:
    """Trains a baseline of the experiment's `baselines` on rows with source, target and, perhaps, group."""
    return BASELINES[name](train)


def most_frequent(train: pd.DataFrame) -> Answer:
    """The training split's most frequent target."""
    common = _commonest(train["target"])
    return lambda rows: [common] * len(rows)


def most_frequent_by_group(train: pd.DataFrame) -> Answer:
    """That of a row's group: what can be known without the text."""
    if "group" not in train:
        raise UserError(
            "baseline most_frequent_by_group: the dataset names no group; name one or leave it out"
        )
    common = {str(group): _commonest(targets) for group, targets in train.groupby("group")["target"]}
    anyway = _commonest(train["target"])
    return lambda rows: [common.get(group, anyway) for group in rows["group"]]


def chance(train: pd.DataFrame) -> Answer:
    """A target drawn from the training split, of a row's group where there are groups."""
    grouped = "group" in train
    pools: defaultdict[str, list[str]] = defaultdict(list)
    for group, target in zip(train["group"] if grouped else [""] * len(train), train["target"], strict=True):
        pools[group].append(target)

    def answer(rows: pd.DataFrame) -> list[str]:
        rng = np.random.default_rng(0)
        groups = rows["group"] if grouped else [""] * len(rows)
        everything = train["target"].tolist()
        choices = [pools.get(group, everything) for group in groups]
        return [pool[rng.integers(len(pool))] for pool in choices]

    return answer


def nearest(train: pd.DataFrame) -> Answer:
    """The target of the training source with the most alike words and pairs of words (TF-IDF, cosine)."""
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", sublinear_tf=True)
    index = NearestNeighbors(n_neighbors=1, metric="cosine", algorithm="brute")
    index.fit(words.fit_transform(train["source"]))
    targets = train["target"].tolist()

    def answer(rows: pd.DataFrame) -> list[str]:
        found = index.kneighbors(words.transform(rows["source"]), return_distance=False)
        return [targets[place] for place in found[:, 0]]

    return answer


def first_sentence(train: pd.DataFrame) -> Answer:
    """The source's own first sentence."""

    def first(text: str) -> str:
        match = SENTENCE.match(text.strip())
        return match[0] if match and match[0] else text

    return lambda rows: [first(text) for text in rows["source"]]


def first_words(train: pd.DataFrame) -> Answer:
    """The source's first words, as many as targets have on average."""
    count = max(1, round(train["target"].str.split().str.len().mean()))
    return lambda rows: [" ".join(text.split()[:count]) for text in rows["source"]]


def _commonest(targets: pd.Series) -> str:
    """Of equally frequent ones the first."""
    return str(Counter(targets).most_common(1)[0][0])


BASELINES: dict[str, Callable[[pd.DataFrame], Answer]] = {
    "most_frequent": most_frequent,
    "most_frequent_by_group": most_frequent_by_group,
    "chance": chance,
    "nearest": nearest,
    "first_sentence": first_sentence,
    "first_words": first_words,
}
