"""What a recurrent tagger must beat: each word's usual tag, and a network that sees five words at a time."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

Tag = Callable[[Sequence[Sequence[str]]], list[list[str]]]
"""Sentences -> a tag for each of their words."""

WIDTH = 2
"""Words on either side that the window takes in (Collobert et al. 2011, section 3.3.1)."""
HIDDEN = 64
MOST_EPOCHS, PATIENCE = 50, 2
STEPS = 200
"""Of an epoch, about: few words come in smaller batches."""
BATCHES = (32, 256)
"""Words of a batch: fewest and most."""
SUFFIX = 3


@dataclass(frozen=True)
class TaggedSentences:
    sentences: list[list[str]]
    tags: list[list[str]]


def fit(name: str, train: TaggedSentences, validation: TaggedSentences) -> Tag:
    """Trains a baseline of the experiment's `baselines`."""
    match name:
        case "most_frequent_tag":
            return most_frequent_tag(train)
        case "window_mlp":
            return window_mlp(train, validation)
        case _:
            raise ValueError(f"no baseline {name!r}")


def most_frequent_tag(train: TaggedSentences) -> Tag:
    """The tag that training gave a word most often; of an unseen word the commonest of all."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sentence, tags in zip(train.sentences, train.tags, strict=True):
        for word, tag in zip(sentence, tags, strict=True):
            seen[word][tag] += 1
    everything = sum(seen.values(), Counter())
    usual = {word: _commonest(counts) for word, counts in seen.items()}
    rest = _commonest(everything)
    return lambda sentences: [[usual.get(word, rest) for word in sentence] for sentence in sentences]


def window_mlp(train: TaggedSentences, validation: TaggedSentences) -> Tag:
    """A multilayer perceptron on a word, its neighbours, their endings and their case.

    Trained until two epochs bring no better likelihood of the validation split; the best epoch is kept.
    """
    # What a single word has says nothing about others, unless there are few.
    words = sum(len(sentence) for sentence in train.sentences)
    reader = CountVectorizer(analyzer=list, binary=True, min_df=2 if words > 1000 else 1)
    features = reader.fit_transform(_windows(train.sentences)).astype(np.float32)
    tags = np.array([tag for row in train.tags for tag in row])
    held_out = reader.transform(_windows(validation.sentences))
    held_tags = np.array([tag for row in validation.tags for tag in row])
    seen = np.isin(held_tags, tags)
    least, most = BATCHES
    batch = min(max(words // STEPS, least), most, words)
    machine = MLPClassifier((HIDDEN,), batch_size=batch, random_state=0)
    kept, best, idle = None, math.inf, 0
    for _ in range(MOST_EPOCHS):
        machine.partial_fit(features, tags, classes=np.unique(tags))
        probabilities = machine.predict_proba(held_out)
        # A tag that training lacks has no probability at all: such words count for nothing.
        loss = float(log_loss(held_tags[seen], probabilities[seen], labels=machine.classes_))
        idle = 0 if loss < best else idle + 1
        if idle == PATIENCE:
            break
        if loss < best:
            best = loss
            kept = [each.copy() for each in machine.coefs_], [each.copy() for each in machine.intercepts_]
    assert kept is not None
    machine.coefs_, machine.intercepts_ = kept

    def tag(sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        found = machine.predict(reader.transform(_windows(sentences)))
        ends = np.cumsum([len(sentence) for sentence in sentences])
        return [part.tolist() for part in np.split(found, ends[:-1])]

    return tag


def _windows(sentences: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    for sentence in sentences:
        for place in range(len(sentence)):
            features = []
            for offset in range(-WIDTH, WIDTH + 1):
                word = sentence[place + offset] if 0 <= place + offset < len(sentence) else ""
                features += [
                    f"{offset}={word.lower()}",
                    f"{offset}~{word.lower()[-SUFFIX:]}",
                    f"{offset}^{_shape(word)}",
                ]
            yield features


def _shape(word: str) -> str:
    if word.isdigit():
        return "digits"
    if not word[:1].isalpha():
        return "mark" if word else "edge"
    return "upper" if word.isupper() else "title" if word[0].isupper() else "lower"


def _commonest(counts: Counter[str]) -> str:
    """The first by name of the most frequent."""
    return min(counts, key=lambda tag: (-counts[tag], tag))
