"""What a recurrent rater must beat: no reading at all, and a linear model of words and word pairs."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import Ridge

from pipeline.evaluation.baselines import WORDS_AND_MARKS, LabelledTexts, min_df

Numbers = npt.NDArray[np.float32]
Rater = Callable[[Sequence[str]], Numbers]
"""Texts -> stars (N,)."""

REGULARISATIONS = (30.0, 100.0, 300.0, 1000.0)
"""Values of alpha that are compared on the validation split."""


def fit(name: str, train: LabelledTexts, validation: LabelledTexts) -> Rater:
    """Trains a baseline of the experiment's `baselines`; `labels` are the ratings themselves."""
    match name:
        case "mean":
            return mean(train)
        case "ridge":
            return ridge(train, validation)
        case _:
            raise ValueError(f"no baseline {name!r}")


def mean(train: LabelledTexts) -> Rater:
    """Gives every text the training split's mean rating."""
    average = np.float32(train.labels.mean())
    return lambda texts: np.full(len(texts), average)


def ridge(train: LabelledTexts, validation: LabelledTexts) -> Rater:
    """Ridge regression on which words and word pairs a text has; stars beyond the ends are cut off.

    The validation split chooses alpha, by the absolute error.
    """
    reader = CountVectorizer(
        binary=True, ngram_range=(1, 2), token_pattern=WORDS_AND_MARKS, min_df=min_df(train), dtype=np.float32
    )
    features, held_out = reader.fit_transform(train.texts), reader.transform(validation.texts)
    ends = train.labels.min(), train.labels.max()
    best: tuple[float, Ridge] | None = None
    for regularisation in REGULARISATIONS:
        machine = Ridge(alpha=regularisation, solver="sparse_cg").fit(features, train.labels)
        error = float(np.abs(machine.predict(held_out).clip(*ends) - validation.labels).mean())
        if best is None or error < best[0]:
            best = error, machine
    assert best is not None
    chosen = best[1]
    return lambda texts: chosen.predict(reader.transform(texts)).clip(*ends).astype(np.float32)
