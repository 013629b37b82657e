"""A bag of words on the tokens that a network reads: what their counts tell, whatever their order."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline, make_pipeline

from pipeline.data.batches import shortened
from pipeline.data.store import Ids, Index, PreparedDataset
from pipeline.errors import UserError
from pipeline.evaluation.tables import all_ids

REGULARISATIONS = (0.1, 1.0, 10.0, 100.0)
"""Values of C that are compared on the validation split, by likelihood."""
FEWEST = 4
"""Test texts."""


class Cut(NamedTuple):
    """Tokens that are read of a text: so many, from its start (first) or its end (last)."""

    length: int
    keep: Literal["first", "last"]


@dataclass(frozen=True)
class Bag:
    """A bag of words that was fitted, chosen and asked.

    `right`: of each text of the first test split, (N,). `train`, `validation`: texts that it was fitted on
    and chosen by.
    """

    regularisation: float
    right: npt.NDArray[np.bool_]
    train: int
    validation: int


def bag_of_words(dataset: PreparedDataset, cut: Cut) -> Bag:
    """Logistic regression on tf-idf of log counts (Salton & Buckley 1988) of a cut's token ids.

    Its words are the networks': one that is unknown to them is unknown here.

    Raises:
        UserError: the training or the validation split has a single class, or the test split too few texts.
    """
    texts, labels = _read(dataset, "train", cut)
    others, wanted = _read(dataset, "validation", cut)
    asked, answers = _read(dataset, dataset.description["tests"][0], cut)
    for name, known in (("training", labels), ("validation", wanted)):
        if len(np.unique(known)) < 2:
            raise UserError(f"bag: the {name} split has a single class; it needs two")
    if len(answers) < FEWEST:
        raise UserError(f"bag: {len(answers)} test texts tell nothing; it needs {FEWEST}")
    models = {c: _model(c).fit(texts, labels) for c in REGULARISATIONS}
    losses = {c: log_loss(wanted, model.predict_proba(others)) for c, model in models.items()}
    best = min(losses, key=losses.__getitem__)
    return Bag(best, models[best].predict(asked) == answers, len(texts), len(others))


def _model(regularisation: float) -> Pipeline:
    return make_pipeline(
        CountVectorizer(analyzer=np.ndarray.tolist),
        TfidfTransformer(sublinear_tf=True),
        LogisticRegression(C=regularisation, max_iter=1000),
    )


def _read(dataset: PreparedDataset, name: str, cut: Cut) -> tuple[list[Ids], Index]:
    split = dataset.split(name)
    assert split.labels is not None
    texts = all_ids(split.columns["text"])
    return [shortened(ids, cut.length, cut.keep) for ids in texts], split.labels
