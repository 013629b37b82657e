"""Words that say nothing, behind texts that do: how long is kept what was read?

Which words these are stands in the dataset's block: articles, prepositions and their like, which a text has
whatever it says. They are named beforehand, not chosen by how training's labels are spread. Each is drawn as
often as any other, by a seed, the split's name and the row's place, so that neither which they are nor how
many tells the label. A text's own words wouldn't be neutral, and padding isn't read.

Training has each text by itself, so that every cell can learn to read it, and again before fillers of every
length up to the longest, evenly on a logarithmic scale, as the problem `recall` has its distances.
"""

import random
from typing import Any

import datasets
import numpy as np

from pipeline.config.schema.datasets import Filler
from pipeline.data.kinds.base import Splits
from pipeline.errors import UserError
from pipeline.text.tokenizer import UNK, Tokenizer


def filled(splits: Splits, filler: Filler) -> Splits:
    """The splits with filler, and a column `filler` that tells how many words of it a row has.

    Each training text stands there once at the shortest length and `copies` times at lengths that are drawn.
    Texts of other splits stand there once for each of the lengths, shortest first, and a longer filler begins
    as the shorter one does.
    """
    return {name: _filled(name, rows, filler) for name, rows in splits.items()}


def _filled(name: str, rows: datasets.Dataset, filler: Filler) -> datasets.Dataset:
    rng = random.Random(f"{filler.seed} {name}")
    found: dict[str, list[Any]] = {"text": [], "label": [], "filler": []}
    for text, label in zip(rows["text"], rows["label"], strict=True):
        if name == "train":
            drawn = [_drawn(rng, filler) for _ in range(filler.copies)]
            each = [(length, _words(rng, filler)) for length in (filler.lengths[0], *drawn)]
        else:
            words = _words(rng, filler)
            each = [(length, words) for length in filler.lengths]
        for length, words in each:
            found["text"].append(" ".join([text, *words[:length]]))
            found["label"].append(label)
            found["filler"].append(length)
    return datasets.Dataset.from_dict(found)


def _drawn(rng: random.Random, filler: Filler) -> int:
    """A length from 0 to the longest, evenly on a logarithmic scale of what begins with 1."""
    return int((filler.lengths[-1] + 2) ** rng.random()) - 1


def _words(rng: random.Random, filler: Filler) -> list[str]:
    """As many as the longest filler has."""
    return rng.choices(filler.words, k=filler.lengths[-1])


def without(rows: datasets.Dataset) -> list[str]:
    """The texts themselves."""
    return [text.rsplit(" ", length)[0] for text, length in zip(rows["text"], rows["filler"], strict=True)]


def shares(filler: Filler, train: datasets.Dataset, tokenizer: Tokenizer) -> dict[str, float]:
    """How often the filler's words stand in training's own texts, by label: their part of all tokens.

    Raises:
        UserError: one of them isn't a single token that the tokenizer knows.
    """
    ids = tokenizer.encode_batch(filler.words)
    for word, encoded in zip(filler.words, ids, strict=True):
        if len(encoded) != 1 or encoded[0] == UNK:
            what = "is not one token" if len(encoded) != 1 else "is in no training text"
            raise UserError(f"filler: the word {word!r} {what}; mend `words` of the dataset")
    tokens, labels = tokenizer.encode_batch(without(train)), np.asarray(train["label"])
    lengths = np.array([len(each) for each in tokens])
    known = np.array([np.isin(each, np.ravel(ids)).sum() for each in tokens])
    return {
        str(label): float(known[labels == label].sum() / lengths[labels == label].sum())
        for label in np.unique(labels)
    }
