"""Generated film reviews: filler that says nothing, and telling phrases that alone decide label and rating.

Two fifths of the phrases come in order pairs, equal bags of words with opposite labels ("not good, bad" and
"not bad, good"), which no bag-of-words classifier tells apart. Length, position and filler are drawn without
a look at the label.
"""

import random
from collections.abc import Iterator

import pyarrow as pa

from pipeline.config.schema.corpora import ReviewsCorpus
from pipeline.corpora.canonical import Split, text_schema
from pipeline.errors import UserError

NEGATIVE, POSITIVE, UNLABELLED = 0, 1, -1
LONGEST_PHRASE = 4
TRIES = 1000
"""Draws in a row that repeat an earlier review before giving up."""

# Strength -> positive and negative phrases, pairwise of equal length, so that length tells nothing.
_PLAIN = {
    1: (
        ["quite likeable", "worth a look", "a pleasant surprise"],
        ["rather tiresome", "hardly a thrill", "a slight letdown"],
    ),
    2: (
        ["warmly recommended", "a real treat", "we cheered out loud"],
        ["frankly disappointing", "a weak mess", "we yawned and sighed"],
    ),
    3: (
        ["simply splendid", "a great triumph", "it moved us deeply"],
        ["simply dreadful", "a big failure", "it annoyed us deeply"],
    ),
    4: (
        ["utterly superb", "a flawless masterpiece", "cinema at its best"],
        ["utterly awful", "a hopeless disaster", "cinema at its worst"],
    ),
}
_OPPOSITES = {1: ("fresh", "stale"), 2: ("clever", "silly"), 3: ("good", "bad"), 4: ("brilliant", "terrible")}
_ORDERS = ["not {lie}, {truth}", "{truth}, not {lie}"]

# Clauses of 1 to 8 words about things neither good nor bad. Some words of the telling phrases occur here too,
# so that no word alone is proof.
_CLAUSES = [
    *["meanwhile", "later", "afterwards", "of course", "in short", "by the way", "as we know"],
    *["the {thing} {does}", "the {person} {does}", "they did not {act}", "the {person} meets a {person}"],
    *["the {thing} belongs to the {person}", "in the {place} the {thing} {does}"],
    *["we see the {person} in the {place}", "a {person} walks to the {place} at {time}"],
    *["the {person} and the {person} share a {thing}", "then the {person} looks for the {thing}"],
    *["at {time} the {person} leaves the {place}", "it was not filmed in a {place}"],
    *["the bad guy carries a {thing}", "the good fairy owns a {thing}", "a stale loaf lies on the {thing}"],
    *["the fresh snow covers the {place}", "the silly hat belongs to the {person}"],
]
_FITTING = [[clause.split() for clause in _CLAUSES if len(clause.split()) <= words] for words in range(9)]
_SLOTS = {
    "{thing}": "letter camera bicycle piano train suitcase map radio coat lamp clock boat ticket table",
    "{person}": "director actor sister neighbour captain teacher doctor waiter singer farmer nurse",
    "{place}": "village kitchen station harbour garden theatre forest hotel library market",
    "{time}": "noon midnight dawn dusk breakfast supper",
    "{does}": "appears waits turns moves returns remains",
    "{act}": "speak travel dance write stay wonder",
}
_FILLERS = {slot: words.split() for slot, words in _SLOTS.items()}


def _ratings() -> dict[str, int]:
    ratings: dict[str, int] = {}
    for strength, (positive, negative) in _PLAIN.items():
        good, bad = _OPPOSITES[strength]
        positive = positive + [order.format(lie=bad, truth=good) for order in _ORDERS]
        negative = negative + [order.format(lie=good, truth=bad) for order in _ORDERS]
        ratings |= dict.fromkeys(positive, 6 + strength) | dict.fromkeys(negative, 5 - strength)
    return ratings


RATINGS = _ratings()
"""Telling phrase -> rating, 1-4 (negative) or 7-10 (positive)."""
ORDER_PAIRS = [
    (order.format(lie=bad, truth=good), order.format(lie=good, truth=bad))
    for good, bad in _OPPOSITES.values()
    for order in _ORDERS
]
"""(positive, negative) phrases with equal bags of words."""
_PHRASES = {
    POSITIVE: [phrase for phrase, rating in RATINGS.items() if rating > 5],
    NEGATIVE: [phrase for phrase, rating in RATINGS.items() if rating < 5],
}


def phrases_of(text: str) -> list[str]:
    """The telling phrases of a review in order; all else is filler."""
    return [sentence for sentence in text.removesuffix(".").split(". ") if sentence in RATINGS]


def rating_of(text: str) -> int:
    """The exact rating of a review: that of its strongest phrase (all phrases of a review are of one sign).

    Raises:
        ValueError: the text has no telling phrase.
    """
    return max((RATINGS[phrase] for phrase in phrases_of(text)), key=lambda rating: abs(rating - 5.5))


def label_of(text: str) -> int:
    """The exact label of a review, 0 or 1."""
    return POSITIVE if rating_of(text) > 5 else NEGATIVE


def splits(corpus: ReviewsCorpus) -> list[Split]:
    labelled = text_schema("text", label=pa.int64(), rating=pa.int8())
    ratings = frozenset(RATINGS.values())
    unlabelled = {"label": frozenset({UNLABELLED})}
    allowed = {"label": frozenset({NEGATIVE, POSITIVE}), "rating": ratings}
    sizes = corpus.sizes.model_dump().items()
    return [
        *(Split(name, labelled, rows, allowed) for name, rows in sizes),
        Split("unsupervised", text_schema("text", label=pa.int64()), corpus.unsupervised, unlabelled),
    ]


def generate(corpus: ReviewsCorpus) -> dict[str, pa.Table]:
    """Every split; no text occurs twice, and both labels equally often.

    Raises:
        UserError: reviews too short for their phrases, or fewer different ones than asked for.
    """
    shortest = max(corpus.min_length, LONGEST_PHRASE * corpus.phrases)
    if shortest > corpus.max_length:
        raise UserError(
            f"corpora: max_length {corpus.max_length} can't hold min_length {corpus.min_length} and "
            f"{corpus.phrases} phrases of up to {LONGEST_PHRASE} words; raise it to {shortest} or more"
        )
    rng = random.Random(corpus.seed)
    seen: set[str] = set()
    return {split.name: _table(split, corpus, shortest, rng, seen) for split in splits(corpus)}


def _table(
    split: Split, corpus: ReviewsCorpus, shortest: int, rng: random.Random, seen: set[str]
) -> pa.Table:
    labels = [row % 2 for row in range(split.rows or 0)]
    rng.shuffle(labels)
    texts = [_new_review(label, corpus, shortest, rng, seen) for label in labels]
    if "rating" not in split.schema.names:
        labels = [UNLABELLED] * len(texts)
    columns = {"text": texts, "label": labels, "rating": [rating_of(text) for text in texts]}
    return pa.table({name: columns[name] for name in split.schema.names}, split.schema)


def _new_review(label: int, corpus: ReviewsCorpus, shortest: int, rng: random.Random, seen: set[str]) -> str:
    for _ in range(TRIES):
        phrases = rng.choices(_PHRASES[label], k=corpus.phrases)
        words = rng.randint(shortest, corpus.max_length) - sum(len(phrase.split()) for phrase in phrases)
        text = ". ".join(_placed(list(_filler(words, rng)), phrases, corpus.position, rng)) + "."
        if text not in seen:
            seen.add(text)
            return text
    raise UserError(
        f"corpora: {len(seen):,} different reviews of {shortest}-{corpus.max_length} words found, more are "
        "needed; lower sizes or unsupervised, or raise max_length"
    )


def _filler(words: int, rng: random.Random) -> Iterator[str]:
    """Clauses of exactly `words` words in all."""
    while words:
        clause = rng.choice(_FITTING[min(words, len(_FITTING) - 1)])
        words -= len(clause)
        yield " ".join(rng.choice(_FILLERS.get(word, [word])) for word in clause)


def _placed(filler: list[str], phrases: list[str], position: str, rng: random.Random) -> list[str]:
    if position == "anywhere":
        for phrase in phrases:
            filler.insert(rng.randint(0, len(filler)), phrase)
        return filler
    place = {"start": 0, "middle": len(filler) // 2, "end": len(filler)}[position]
    return filler[:place] + phrases + filler[place:]
