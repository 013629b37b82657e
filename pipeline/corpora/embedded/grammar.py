"""English clauses of 3 to 12 words: the grammar that makes them and the parser that reads them back.

    statement  NP is PREP NP [ADV] | NP VERB [PREP NP] [ADV] | NP VERB NP [PREP NP] [ADV]
    command    IMPERATIVE NP [PREP NP] [ADV] | think about NP [PREP NP] [ADV]
    NP         it | (the | a) [ADJECTIVE] NOUN

The parser needs one word of foresight, so a source text has exactly one reading.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from pipeline.corpora.embedded.lexicon import Adjective, Lexicon, Noun, Phrase, Verb
from pipeline.corpora.embedded.vocabulary import ABOUT, IS, IT, PREPOSITIONS, THINK

T = TypeVar("T")
SHARES = {"is": 5, "intransitive": 4, "transitive": 7, "order": 2, "switch": 1, "think": 1}
"""How often each kind of clause is drawn, out of 20."""
ARTICLES = {"the": "the", "a": "a"}


class Words(NamedTuple):
    """An entry of the lexicon and where its words stand in the source."""

    entry: Phrase
    positions: tuple[int, ...]


@dataclass(frozen=True)
class NounPhrase:
    noun: Noun
    position: int
    article: str | None = None
    """Stands before the adjective, else before the noun; None for "it"."""
    adjective: Adjective | None = None


@dataclass(frozen=True)
class Statement:
    subject: NounPhrase
    verb: Verb
    position: int
    object: NounPhrase | None
    preposition: Words | None
    place: NounPhrase | None
    adverb: Words | None


@dataclass(frozen=True)
class Command:
    order: Words
    about: Words | None
    object: NounPhrase
    preposition: Words | None
    place: NounPhrase | None
    adverb: Words | None


Clause = Statement | Command


class Grammar:
    """Makes and reads English sentences over one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        nouns = lexicon.beings + lexicon.things + lexicon.places + lexicon.devices
        self._nouns = {noun.english: noun for noun in nouns}
        self._adjectives = {adjective.english: adjective for adjective in lexicon.adjectives}
        verbs = (IS, *lexicon.intransitive, *lexicon.transitive)
        self._verbs = {form: verb for verb in verbs for form in verb.english}
        self._orders = {order.english: order for order in (THINK, *lexicon.switches, *lexicon.orders)}
        self._prepositions = {preposition.english: preposition for preposition in PREPOSITIONS}
        self._adverbs = {adverb.english: adverb for adverb in lexicon.adverbs}

    # ------------------------------------------------------------------------------------- reading

    def parse(self, source: str) -> list[Clause]:
        """
        Raises:
            ValueError: the text is no sequence of this grammar's clauses.
        """
        reader = _Reader(source.split())
        clauses: list[Clause] = []
        while not reader.done:
            order = reader.take(self._orders) or reader.take(self._orders, 2)
            clauses.append(self._command(Words(*order), reader) if order else self._statement(reader))
        return clauses

    def _command(self, order: Words, reader: "_Reader") -> Command:
        about = Words(*reader.need({ABOUT.english: ABOUT})) if order.entry is THINK else None
        return Command(order, about, self._noun_phrase(reader), *self._rest(reader))

    def _statement(self, reader: "_Reader") -> Statement:
        subject = self._noun_phrase(reader)
        verb, (position,) = reader.need(self._verbs)
        thing = self._noun_phrase(reader) if verb in self._lexicon.transitive else None
        return Statement(subject, verb, position, thing, *self._rest(reader))

    def _rest(self, reader: "_Reader") -> tuple[Words | None, NounPhrase | None, Words | None]:
        preposition = reader.take(self._prepositions)
        place = self._noun_phrase(reader) if preposition else None
        adverb = reader.take(self._adverbs)
        return Words(*preposition) if preposition else None, place, Words(*adverb) if adverb else None

    def _noun_phrase(self, reader: "_Reader") -> NounPhrase:
        if it := reader.take({IT.english: IT}):
            return NounPhrase(IT, it[1][0])
        article, _ = reader.need(ARTICLES)
        adjective = reader.take(self._adjectives)
        noun, (position,) = reader.need(self._nouns)
        return NounPhrase(noun, position, article, adjective[0] if adjective else None)

    # -------------------------------------------------------------------------------------- making

    def make(self, rng: random.Random) -> str:
        """Draws a clause."""
        lexicon = self._lexicon
        kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
        match kind:
            case "is":
                subject, number = self._make_phrase(lexicon.beings + lexicon.things, rng)
                place = self._make_place(lexicon.places + lexicon.things, rng)
                head = f"{subject} {IS.english[number]} {place}"
                return self._with_adverb(head, rng)
            case "intransitive" | "transitive":
                subject, number = self._make_phrase(lexicon.beings, rng)
                head = f"{subject} {rng.choice(getattr(lexicon, kind)).english[number]}"
                if kind == "transitive":
                    head += f" {self._make_object(lexicon.things, rng)}"
            case "think":
                head = f"think about {self._make_object(tuple(self._nouns.values()), rng)}"
            case "switch":
                head = f"{rng.choice(lexicon.switches).english} {self._make_phrase(lexicon.devices, rng)[0]}"
            case _:
                head = f"{rng.choice(lexicon.orders).english} {self._make_phrase(lexicon.things, rng)[0]}"
        if rng.random() < 0.4:
            head += f" {self._make_place(lexicon.places, rng)}"
        return self._with_adverb(head, rng)

    def _with_adverb(self, head: str, rng: random.Random) -> str:
        return f"{head} {rng.choice(self._lexicon.adverbs).english}" if rng.random() < 0.4 else head

    def _make_place(self, nouns: Sequence[Noun], rng: random.Random) -> str:
        return f"{rng.choice(PREPOSITIONS).english} {self._make_phrase(nouns, rng)[0]}"

    def _make_object(self, nouns: Sequence[Noun], rng: random.Random) -> str:
        return IT.english if rng.random() < 0.15 else self._make_phrase(nouns, rng)[0]

    def _make_phrase(self, nouns: Sequence[Noun], rng: random.Random) -> tuple[str, int]:
        """A noun phrase and its number: 0 singular, 1 plural."""
        noun = rng.choice(nouns)
        words = ["the" if noun.plural or rng.random() < 0.6 else "a"]
        if rng.random() < 0.5:
            words.append(rng.choice(self._lexicon.adjectives).english)
        return " ".join([*words, noun.english]), int(noun.plural)


class _Reader:
    """A cursor over the source's words."""

    def __init__(self, words: list[str]) -> None:
        self._words, self._at = words, 0

    @property
    def done(self) -> bool:
        return self._at == len(self._words)

    def take(self, table: Mapping[str, T], count: int = 1) -> tuple[T, tuple[int, ...]] | None:
        """The entry of the next `count` words and their positions; None where there is none."""
        entry = table.get(" ".join(self._words[self._at : self._at + count]))
        if entry is None:
            return None
        self._at += count
        return entry, tuple(range(self._at - count, self._at))

    def need(self, table: Mapping[str, T]) -> tuple[T, tuple[int, ...]]:
        if taken := self.take(table):
            return taken
        word = repr(self._words[self._at]) if not self.done else "the end"
        raise ValueError(f"word {self._at} is {word}; needs one of {', '.join(table)}")
