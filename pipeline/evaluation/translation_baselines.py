"""What a translator must beat: the source as it is, and its words looked up one by one."""

from collections.abc import Callable, Sequence

from pipeline.evaluation import model1
from pipeline.text.tokenizer import Tokenizer

Translate = Callable[[Sequence[str]], list[str]]
"""Sentences -> one translation each."""
EVERY = 10_000_000
"""Word types: more than any corpus has."""


def fit(name: str, sources: Sequence[str], targets: Sequence[str]) -> Translate:
    """Trains a baseline of the experiment's `baselines` on sentence pairs."""
    match name:
        case "copy_source":
            return list
        case "word_table":
            return word_table(sources, targets)
        case _:
            raise ValueError(f"no baseline {name!r}")


def word_table(sources: Sequence[str], targets: Sequence[str]) -> Translate:
    """Each word becomes its likeliest translation by IBM Model 1, in the source's order.

    Words are lower-cased; those that the pairs lack are copied.
    """
    table = model1.train(words_of(sources), words_of(targets)).likeliest()

    def translate(sentences: Sequence[str]) -> list[str]:
        return [" ".join(table.get(word, word) for word in words) for words in words_of(sentences)]

    return translate


def words_of(sentences: Sequence[str]) -> list[list[str]]:
    """Words and marks as the word tokenizer cuts them; one learned from the sentences knows them all."""
    tokenizer = Tokenizer.train(sentences, kind="word", vocabulary=EVERY, minimum_frequency=1, lowercase=True)
    return [tokenizer.tokens(ids) for ids in tokenizer.encode_batch(sentences)]
