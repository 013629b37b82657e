"""Which of the words that references agree on a captioner says."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS as STOP_WORDS

from pipeline.metrics.captioning import cutter
from pipeline.metrics.translation import References

WORDS = 24
"""Most that are looked for."""


class Named(NamedTuple):
    """A word that most references of some pictures have. `recall`: share of these pictures whose caption has
    it too; `precision`: share of the captions with it that are of such a picture, None without any."""

    word: str
    pictures: int
    recall: float
    precision: float | None


def named(captions: Sequence[str], references: References, *, lowercase: bool) -> list[Named]:
    """The words that most references agree on in most pictures, but for function words.

    Raises:
        ValueError: not one list of references per caption.
    """
    cut = cutter(lowercase)
    agreed: list[set[str]] = []
    for own in references:
        counts = Counter(word for text in own for word in set(cut(text).split()))
        agreed.append({word for word, count in counts.items() if 2 * count > len(own)})
    frequent = Counter(word for own in agreed for word in own if word.isalpha() and word not in STOP_WORDS)
    said = [set(cut(text).split()) for text in captions]
    found = []
    for word, pictures in sorted(frequent.items(), key=lambda item: (-item[1], item[0]))[:WORDS]:
        hits = sum(word in own and word in caption for own, caption in zip(agreed, said, strict=True))
        uses = sum(word in caption for caption in said)
        found.append(Named(word, pictures, hits / pictures, hits / uses if uses else None))
    return found
