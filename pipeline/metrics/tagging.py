"""Scores of tag sequences."""

from collections.abc import Sequence
from importlib.metadata import version
from itertools import chain
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from seqeval.metrics.sequence_labeling import precision_recall_fscore_support as entity_scores
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from pipeline.metrics.score import Score

T = TypeVar("T")
Sentences = Sequence[Sequence[str]]
SEQEVAL = f"CoNLL 2000 spans|seqeval {version('seqeval')}"
SKLEARN = f"scikit-learn {version('scikit-learn')}"


class TagScore(NamedTuple):
    """Precision, recall and F1 of one tag, or of one type of entity, and how often it occurs."""

    tag: str
    precision: float
    recall: float
    f1: float
    support: int


def accuracy(tags: Sentences, predicted: Sentences) -> Score:
    """Share of the words whose tag is right."""
    return Score(float(accuracy_score(_flat(tags), _flat(predicted))), f"accuracy over words|{SKLEARN}")


def plain_scores(tags: Sentences, predicted: Sentences, known: Sequence[Sequence[bool]]) -> dict[str, Score]:
    """accuracy; accuracy_unknown, over the words that are not `known`; f1, the mean over the tags that occur.

    Without an unknown word there is no accuracy_unknown.
    """
    actual, found = _flat(tags), _flat(predicted)
    _, _, f1, _ = precision_recall_fscore_support(
        actual, found, labels=sorted(set(actual)), average="macro", zero_division=0.0
    )
    scores = {"accuracy": accuracy(tags, predicted)}
    unseen = ~np.array(_flat(known), dtype=bool)
    if unseen.any():
        right = np.array(actual)[unseen] == np.array(found)[unseen]
        scores["accuracy_unknown"] = Score(float(right.mean()), "accuracy over words that training lacks")
    return scores | {"f1": Score(float(f1), f"macro F1 over tags|{SKLEARN}")}


def bio_scores(tags: Sentences, predicted: Sentences) -> dict[str, Score]:
    """entity_f1, entity_precision, entity_recall: an entity is right where its words and its type are.

    Spans are read as CoNLL's script reads them: an I- that follows no entity of its type begins one.
    """
    precision, recall, f1, _ = entity_scores(
        [list(row) for row in tags], [list(row) for row in predicted], average="micro", zero_division=0
    )
    return {
        "entity_f1": Score(float(f1), SEQEVAL),
        "entity_precision": Score(float(precision), SEQEVAL),
        "entity_recall": Score(float(recall), SEQEVAL),
        "accuracy": accuracy(tags, predicted),
    }


def by_tag(tags: Sentences, predicted: Sentences, *, scheme: str) -> list[TagScore]:
    """Scores of each tag that occurs (plain) or of each type of entity (bio), by name."""
    if scheme == "bio":
        names = sorted({tag.partition("-")[2] for tag in chain(*tags, *predicted) if tag != "O"})
        columns = entity_scores(
            [list(row) for row in tags], [list(row) for row in predicted], average=None, zero_division=0
        )
    else:
        names = sorted({*_flat(tags), *_flat(predicted)})
        columns = precision_recall_fscore_support(
            _flat(tags), _flat(predicted), labels=names, zero_division=0.0
        )
    return [
        TagScore(name, float(p), float(r), float(f), int(n))
        for name, p, r, f, n in zip(names, *columns, strict=True)
    ]


def confusion(tags: Sentences, predicted: Sentences, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """(G, G) counts of words: rows are actual tags, columns predicted ones."""
    return np.asarray(confusion_matrix(_flat(tags), _flat(predicted), labels=list(names)))


def _flat(rows: Sequence[Sequence[T]]) -> list[T]:
    return list(chain.from_iterable(rows))
