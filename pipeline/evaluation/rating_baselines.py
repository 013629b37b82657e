"""What a recurrent rater must beat: no reading at all, and linear models of words and word pairs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

from pipeline.evaluation.baselines import WORDS_AND_MARKS, LabelledTexts, min_df

Numbers = npt.NDArray[np.float32]
Rater = Callable[[Sequence[str]], Numbers]
"""Texts -> stars (N,)."""
Machine = Callable[[Any], Numbers]
"""Features of texts -> stars (N,)."""

ALPHAS = (30.0, 100.0, 300.0, 1000.0)
"""Strengths of a ridge regression that are compared on the validation split."""
REGULARISATIONS = (0.01, 0.03, 0.1)
"""Values of C of a logistic regression, likewise."""


def fit(name: str, train: LabelledTexts, validation: LabelledTexts) -> Rater:
    """Trains a baseline of the experiment's `baselines`; `labels` are the ratings themselves."""
    match name:
        case "mean":
            return mean(train)
        case "ridge":
            return _on_word_pairs(train, validation, ALPHAS, ridge)
        case "logistic":
            return _on_word_pairs(train, validation, REGULARISATIONS, logistic)
        case _:
            raise ValueError(f"no baseline {name!r}")


def mean(train: LabelledTexts) -> Rater:
    """Gives every text the training split's mean rating."""
    average = np.float32(train.labels.mean())
    return lambda texts: np.full(len(texts), average)


def _on_word_pairs(
    train: LabelledTexts,
    validation: LabelledTexts,
    settings: Sequence[float],
    learn: Callable[[Any, npt.NDArray[np.int64], float], Machine],
) -> Rater:
    """Reads which words and word pairs a text has; the validation split chooses among the settings by the
    absolute error."""
    reader = CountVectorizer(
        binary=True, ngram_range=(1, 2), token_pattern=WORDS_AND_MARKS, min_df=min_df(train), dtype=np.float32
    )
    features, held_out = reader.fit_transform(train.texts), reader.transform(validation.texts)
    machines = [learn(features, train.labels, setting) for setting in settings]
    errors = [np.abs(machine(held_out) - validation.labels).mean() for machine in machines]
    best = machines[int(np.argmin(errors))]
    return lambda texts: best(reader.transform(texts))


def ridge(features: Any, ratings: npt.NDArray[np.int64], alpha: float) -> Machine:
    """Least squares; stars beyond the ratings' ends are cut off."""
    machine = Ridge(alpha=alpha, solver="sparse_cg").fit(features, ratings)
    ends = ratings.min(), ratings.max()
    return lambda features: machine.predict(features).clip(*ends).astype(np.float32)


def logistic(features: Any, ratings: npt.NDArray[np.int64], regularisation: float) -> Machine:
    """Multinomial logistic regression; stars are the median of its probabilities, as a network's."""
    machine = LogisticRegression(C=regularisation, tol=1e-3).fit(features, ratings)

    def median(features: Any) -> Numbers:
        below = machine.predict_proba(features).cumsum(1) < 0.5
        found: Numbers = machine.classes_[below[:, :-1].sum(1)].astype(np.float32)
        return found

    return median
