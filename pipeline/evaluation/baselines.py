"""What a recurrent classifier must beat: no reading at all, and a linear model of word pairs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from pipeline.errors import UserError

Probabilities = npt.NDArray[np.float32]
Classifier = Callable[[Sequence[str]], Probabilities]
"""Texts -> class probabilities (N, C)."""

INTERPOLATION = 0.25
"""Beta of Wang & Manning 2012, section 2.3."""
REGULARISATIONS = (0.01, 0.03, 0.1)
"""Values of C that are compared on the validation split."""
WORDS_AND_MARKS = r"\w+|[^\w\s]"


@dataclass(frozen=True)
class LabelledTexts:
    texts: Sequence[str]
    labels: npt.NDArray[np.int64]
    """(N,)"""


def fit(name: str, train: LabelledTexts, validation: LabelledTexts, classes: int) -> Classifier:
    """Trains a baseline of the experiment's `baselines`."""
    match name:
        case "majority":
            return majority(train, classes)
        case "nbsvm":
            return nbsvm(train, validation, classes)
        case _:
            raise ValueError(f"no baseline {name!r}")


def majority(train: LabelledTexts, classes: int) -> Classifier:
    """Answers every text with the training split's shares of the classes."""
    shares = np.bincount(train.labels, minlength=classes) / len(train.labels)
    return lambda texts: np.tile(shares.astype(np.float32), (len(texts), 1))


def nbsvm(train: LabelledTexts, validation: LabelledTexts, classes: int) -> Classifier:
    """Linear support vector machine on words and word pairs, scaled by their naive Bayes log-count ratios.

    Wang & Manning 2012, section 2.3; more than two classes one against the rest. The validation split chooses
    C and turns decision values into probabilities (Platt 1999).

    Raises:
        UserError: the validation split has a single class.
    """
    if len(np.unique(validation.labels)) < 2:
        raise UserError("nbsvm: the validation split has a single class; it needs two; hold more texts out")
    reader = CountVectorizer(
        binary=True, ngram_range=(1, 2), token_pattern=WORDS_AND_MARKS, min_df=min_df(train)
    )
    features, held_out = reader.fit_transform(train.texts), reader.transform(validation.texts)
    targets = [1] if classes == 2 else range(classes)
    best: tuple[float, Any, Any] | None = None
    for regularisation in REGULARISATIONS:
        weights = [_one_against_rest(features, train.labels == target, regularisation) for target in targets]
        decide = _decision(weights)
        calibrated = make_pipeline(StandardScaler(), LogisticRegression())
        calibrated.fit(decide(held_out), validation.labels)
        accuracy = calibrated.score(decide(held_out), validation.labels)
        if best is None or accuracy > best[0]:
            best = accuracy, decide, calibrated
    assert best is not None
    _, decide, calibrated = best

    def probabilities(texts: Sequence[str]) -> Probabilities:
        found = np.zeros((len(texts), classes), dtype=np.float32)
        found[:, calibrated.classes_] = calibrated.predict_proba(decide(reader.transform(texts)))
        return found

    return probabilities


def min_df(train: LabelledTexts) -> int:
    """Features that a single text has say nothing about others, unless there are few texts."""
    return 2 if len(train.texts) > 100 else 1


def _one_against_rest(
    features: csr_matrix, is_target: npt.NDArray[np.bool_], regularisation: float
) -> tuple[npt.NDArray[np.float64], float]:
    """Weights of the features themselves, log-count ratio included, and the intercept."""
    inside = np.asarray(features[is_target].sum(0)).ravel() + 1.0
    outside = np.asarray(features[~is_target].sum(0)).ravel() + 1.0
    ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    machine = LinearSVC(C=regularisation, dual=True, random_state=0)
    machine.fit(features.multiply(ratio).tocsr(), is_target)
    weights = machine.coef_.ravel()
    interpolated = (1 - INTERPOLATION) * np.abs(weights).mean() + INTERPOLATION * weights
    return interpolated * ratio, float(machine.intercept_[0])


def _decision(
    weights: list[tuple[npt.NDArray[np.float64], float]],
) -> Callable[[csr_matrix], npt.NDArray[np.float64]]:
    matrix = np.stack([each for each, _ in weights], 1)
    intercepts = np.array([intercept for _, intercept in weights])
    return lambda features: features @ matrix + intercepts
