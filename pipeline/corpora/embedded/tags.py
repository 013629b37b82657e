"""Generated tagged sentences in which some words mean nothing until another word decides them.

Telegram English: lower case, few articles. A sentence has three clauses in any order, and each ends with a
place (TAIL). F is filler of 0 to `distance` - 1 words that fits anywhere.

    later    AMBIGUOUS F DECIDER TAIL    "mark once again sings near the lake": a person
    earlier  DECIDER F AMBIGUOUS TAIL    "captain once again mark near the lake": a person
    neutral  SUBJECT VERB F TAIL         "acme group waits once again near the lake"

An ambiguous word is a person, an organisation, a place, a thing or an action, which fixes its part of speech
and its entity. The word, its reading, the filler and all other clauses are drawn independently, and deciders
of later clauses occur nowhere else: so before its decider nothing tells a later word's reading, and what
reads from left to right only knows the prior (1/5 each).
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Literal, NamedTuple

import pyarrow as pa

from pipeline.config.schema.corpora import TagsCorpus
from pipeline.corpora.canonical import Split
from pipeline.corpora.embedded.tag_lexicon import (
    AMBIGUOUS,
    DECIDERS,
    DECIDES,
    ENDS,
    FILLERS,
    JOINTS,
    NAMES,
    NER,
    NOUNS,
    PREPOSITIONS,
    READINGS,
    THEME_OF,
    THEMES,
    UPOS,
    UPOS_WORDS,
    VERBS,
    VOCABULARY,
    Reading,
    Side,
)

Tokens = list[str]
AMBIGUOUS_WORDS = frozenset(AMBIGUOUS.split())

# ------------------------------------------------------------------------------------------- truth


class Decision(NamedTuple):
    """An ambiguous word of a sentence and what decides it."""

    position: int
    decider: int
    """Position of the deciding word."""
    reading: Reading

    @property
    def distance(self) -> int:
        """In words; below 0 where the decider stands before the ambiguous word."""
        return self.decider - self.position


def decisions(tokens: Sequence[str]) -> list[Decision]:
    """The ambiguous words of a sentence, in order, each with the one decider in its clause.

    Raises:
        ValueError: a word isn't of this grammar, or an ambiguous one has no decider or several.
    """
    found = []
    start = 0
    for end, word in enumerate(tokens):
        if word not in VOCABULARY:
            raise ValueError(f"word {end} is {word!r}, which isn't of this grammar")
        if word not in ENDS and end + 1 < len(tokens):
            continue
        clause = range(start, end + 1)
        for position in (place for place in clause if tokens[place] in AMBIGUOUS_WORDS):
            deciders = [place for place in clause if _decides(tokens[place], place - position)]
            if len(deciders) != 1:
                raise ValueError(f"word {position} ({tokens[position]}) has {len(deciders)} deciders")
            found.append(Decision(position, deciders[0], DECIDES[tokens[deciders[0]]][1]))
        start = end + 1
    return found


def _decides(word: str, distance: int) -> bool:
    return word in DECIDES and DECIDES[word][0] == ("later" if distance > 0 else "earlier")


def upos_of(tokens: Sequence[str]) -> list[str]:
    """The exact part of speech of every word."""
    decided = {decision.position: decision.reading.upos for decision in decisions(tokens)}
    return [decided.get(place) or UPOS[word] for place, word in enumerate(tokens)]


def ner_of(tokens: Sequence[str]) -> list[str]:
    """The exact entity tag of every word."""
    decided = {decision.position: decision.reading.ner for decision in decisions(tokens)}
    return [decided.get(place) or NER.get(word, "O") for place, word in enumerate(tokens)]


def local_of(tokens: Sequence[str]) -> list[str]:
    """A label that each word decides alone: short (1-3 letters), middle (4-5) or long."""
    return ["short" if len(word) < 4 else "middle" if len(word) < 6 else "long" for word in tokens]


def pair_of(tokens: Sequence[str]) -> list[str]:
    """A label that each word and the one before it decide: longer than it, shorter or equal in letters."""
    differences = [len(word) - len(before) for before, word in pairwise(["", *tokens])]
    return ["longer" if more > 0 else "shorter" if more < 0 else "equal" for more in differences]


def document_of(tokens: Sequence[str]) -> str:
    """A label of the whole sentence: water or land, whichever most of its three places are."""
    return Counter(THEME_OF[word] for word in tokens if word in THEME_OF).most_common(1)[0][0]


# -------------------------------------------------------------------------------------- generation

_PARALLEL = ("tokens", "upos", "ner", "local", "pair")
SCHEMA = pa.schema(
    [
        *((name, pa.list_(pa.string())) for name in ("tokens", "upos", "ner")),
        ("sent_id", pa.string()),
        *((name, pa.list_(pa.string())) for name in ("local", "pair")),
        ("document", pa.string()),
    ]
)
"""The columns of ud_ewt, and three more for probes of what a layer knows."""


def splits(corpus: TagsCorpus) -> list[Split]:
    allowed = {
        "tokens": VOCABULARY,
        "upos": frozenset(UPOS_WORDS),
        "ner": frozenset({"O", *NER.values()}),
        "local": frozenset({"short", "middle", "long"}),
        "pair": frozenset({"longer", "shorter", "equal"}),
        "document": frozenset(THEMES),
    }
    sizes = corpus.sizes.model_dump().items()
    return [Split(name, SCHEMA, rows, allowed, parallel=_PARALLEL) for name, rows in sizes]


def generate(corpus: TagsCorpus) -> dict[str, pa.Table]:
    """Every split; no sentence occurs twice."""
    maker = _Maker(corpus)
    return {split.name: _table(split, maker) for split in splits(corpus)}


def _table(split: Split, maker: "_Maker") -> pa.Table:
    sentences = [maker.new() for _ in range(split.rows or 0)]
    columns = {
        "tokens": sentences,
        "upos": [upos_of(tokens) for tokens in sentences],
        "ner": [ner_of(tokens) for tokens in sentences],
        "sent_id": [f"{split.name}-{row:05d}" for row in range(len(sentences))],
        "local": [local_of(tokens) for tokens in sentences],
        "pair": [pair_of(tokens) for tokens in sentences],
        "document": [document_of(tokens) for tokens in sentences],
    }
    return pa.table(columns, SCHEMA)


class MinimalPair(NamedTuple):
    """Two sentences that differ in one word, the decider of an ambiguous one."""

    column: Literal["upos", "ner"]
    """Where their tags of the ambiguous word differ."""
    position: int
    """Of the ambiguous word."""
    distance: int
    """From it to its decider, in words."""
    sentences: tuple[Tokens, Tokens]
    tags: tuple[str, str]


def minimal_pairs(corpus: TagsCorpus, *, side: Side = "later", repeats: int = 10) -> Iterator[MinimalPair]:
    """Pairs balanced over columns, tags and distances 1 to `corpus.distance`; none of them is in a split.

    On side "later" both sentences are equal up to and including the ambiguous word: whatever reads from left
    to right only gives both the same tag, and is right half of the time at best. On side "earlier" they
    differ before it: the control that such a reader can solve.

    Args:
        repeats: pairs per column, two tags and distance (of which there are 6 times `corpus.distance`).
    """
    maker = _Maker(corpus)
    for _ in range(sum(corpus.sizes.model_dump().values())):
        maker.new()
    for _ in range(repeats):
        for tags in combinations(("NOUN", "PROPN", "VERB"), 2):
            for distance in range(1, corpus.distance + 1):
                yield maker.new_pair("upos", tags, side, distance)
        for tags in combinations(("B-LOC", "B-ORG", "B-PER"), 2):
            for distance in range(1, corpus.distance + 1):
                yield maker.new_pair("ner", tags, side, distance)


class _Maker:
    """Draws sentences, each of them once."""

    def __init__(self, corpus: TagsCorpus) -> None:
        self._rng, self._distance = random.Random(corpus.seed), corpus.distance
        self._seen: set[tuple[str, ...]] = set()

    def new(self) -> Tokens:
        while True:
            tokens = self._sentence({})
            if self._are_new(tokens):
                return tokens

    def new_pair(
        self, column: Literal["upos", "ner"], tags: tuple[str, str], side: Side, distance: int
    ) -> MinimalPair:
        while True:
            one, other = (
                self._rng.choice([reading for reading in READINGS if getattr(reading, column) == tag])
                for tag in self._rng.sample(tags, 2)
            )
            first = self._sentence({side: (distance, one)})
            (decision,) = (found for found in decisions(first) if (found.distance > 0) == (side == "later"))
            second = first.copy()
            second[decision.decider] = self._word(DECIDERS[side][other])
            if self._are_new(first, second):
                found_tags = getattr(one, column), getattr(other, column)
                return MinimalPair(column, decision.position, distance, (first, second), found_tags)

    def _are_new(self, *sentences: Tokens) -> bool:
        texts = {tuple(tokens) for tokens in sentences}
        if not self._seen.isdisjoint(texts):
            return False
        self._seen |= texts
        return True

    def _sentence(self, wanted: dict[Side, tuple[int, Reading]]) -> Tokens:
        """`wanted`: distance and reading of clauses that are not to be drawn."""
        clauses = [self._neutral()]
        for side in DECIDERS:
            distance, reading = self._rng.randint(1, self._distance), self._rng.choice(READINGS)
            clauses.append(self._decided(side, *wanted.get(side, (distance, reading))))
        self._rng.shuffle(clauses)
        first, second, third = clauses
        return [*first, self._rng.choice(JOINTS), *second, self._rng.choice(JOINTS), *third, "."]

    def _decided(self, side: Side, distance: int, reading: Reading) -> Tokens:
        ends = [self._word(AMBIGUOUS), self._word(DECIDERS[side][reading])]
        first, last = ends if side == "later" else reversed(ends)
        return [first, *self._filler(distance - 1), last, *self._tail()]

    def _neutral(self) -> Tokens:
        subject = [self._word(NOUNS)]
        if self._rng.random() < 0.6:
            names, seconds = self._rng.choice(list(NAMES.values()))
            subject = [self._word(names), *([self._word(seconds)] if self._rng.random() < 0.5 else [])]
        return [
            *subject,
            self._word(VERBS),
            *self._filler(self._rng.randrange(self._distance)),
            *self._tail(),
        ]

    def _filler(self, words: int) -> Tokens:
        return self._rng.choice(FILLERS[words]).split()

    def _tail(self) -> Tokens:
        place = self._word(THEMES[self._rng.choice(list(THEMES))])
        return [self._word(PREPOSITIONS), "the", place]

    def _word(self, words: str) -> str:
        return self._rng.choice(words.split())
