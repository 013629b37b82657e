"""What a recurrent tagger must beat: each word's usual tag, and a network that sees five words at a time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.neural_network import MLPClassifier

Tag = Callable[[Sequence[Sequence[str]]], list[list[str]]]
"""Sentences -> a tag for each of their words."""

WIDTH = 2
"""Words on either side that the window takes in (Collobert et al. 2011, section 3.3.1)."""
FEATURES = 2**15
HIDDEN = 64
EPOCHS = 6
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

    The epoch with the best accuracy on the validation split is kept.
    """
    hasher = FeatureHasher(n_features=FEATURES, input_type="string")
    features = hasher.transform(_windows(train.sentences))
    tags = np.array([tag for row in train.tags for tag in row])
    held_out = hasher.transform(_windows(validation.sentences))
    held_tags = np.array([tag for row in validation.tags for tag in row])
    machine = MLPClassifier((HIDDEN,), batch_size=256, random_state=0)
    best, kept = -1.0, None
    for _ in range(EPOCHS):
        machine.partial_fit(features, tags, classes=np.unique(tags))
        accuracy = float(machine.score(held_out, held_tags))
        if accuracy > best:
            best = accuracy
            kept = [each.copy() for each in machine.coefs_], [each.copy() for each in machine.intercepts_]
    assert kept is not None
    machine.coefs_, machine.intercepts_ = kept

    def tag(sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        found = machine.predict(hasher.transform(_windows(sentences)))
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
