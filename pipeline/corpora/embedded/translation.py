"""Generated sentence pairs, English to French and Hindi, with the whole truth about them.

A synchronous grammar translates unit by unit (mostly word by word): each unit has one translation or two,
Hindi has two free orders per source, and all choices are independent. So p(target | source) is a product
that can be enumerated, and every target has gold word links. Two knobs make the languages simpler: at most
`reordering` places between a word's rank in the source and in the target, and at most 1 + `fertility` target
words per unit; what is beyond is pulled in or cut off.
"""

import functools
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

import pyarrow as pa

from pipeline.config.schema.corpora import TranslationCorpus
from pipeline.corpora.canonical import Split
from pipeline.corpora.embedded.grammar import Grammar
from pipeline.corpora.embedded.languages import LANGUAGES, Language, Unit, Units, orders
from pipeline.corpora.embedded.lexicon import Choices
from pipeline.corpora.embedded.vocabulary import DISJOINT, SHARED
from pipeline.errors import UserError

NOTES = ["turn off the lights", "think about it", "the cat is on the mat"]
"""The lecture notes' examples: first rows of the test split, so no training sees them."""
LIMIT = 10_000
"""Most translations that a generated source has."""
REFERENCES = 4
ORDER_PROBABILITIES = {1: [1.0], 2: [0.6, 0.4]}
TRIES = 1000
"""Draws in a row that repeat an earlier source before giving up."""

SCHEMA = pa.schema(
    [(language, pa.string()) for language in ("en", *LANGUAGES)]
    + [(f"{language}_references", pa.list_(pa.string())) for language in LANGUAGES]
    + [(f"{language}_links", pa.list_(pa.string())) for language in LANGUAGES]
)
"""`…_references`: 1 to 4, the first is the language's column. `…_links`: one text per reference in Pharaoh's
notation, "0-0 2-1": source word 0 belongs to target word 0, 2 to 1 (words by white space, from 0)."""

T = TypeVar("T")
Links = list[tuple[int, int]]
Texts = list[tuple[float, Units]]
"""The free orders of one source: probability and units."""
Derivations = dict[Language, Texts]


class Target(NamedTuple):
    text: str
    links: Links
    """(source word, target word), sorted by target word."""


def parse_links(links: str) -> Links:
    """From the corpus's notation: "0-0 2-1" is [(0, 0), (2, 1)]."""
    pairs = (link.split("-") for link in links.split())
    return [(int(source), int(target)) for source, target in pairs]


class Translator:
    """The true model of a generated corpus."""

    def __init__(self, corpus: TranslationCorpus) -> None:
        self._reordering, self._words, self._joined = corpus.reordering, 1 + corpus.fertility, corpus.joined
        self._grammar = Grammar(SHARED if corpus.lexicon == "shared" else DISJOINT)

    def distribution(self, source: str, language: Language) -> dict[str, float]:
        """Every translation of a source text and its probability, most probable first.

        Raises:
            ValueError: the text isn't of this grammar.
        """
        probabilities: dict[str, float] = {}
        for probability, units in self.derivations(source)[language]:
            for picks in itertools.product(*(unit.choices for unit in units)):
                text = " ".join(words for words, _ in picks)
                mass = probability * math.prod(share for _, share in picks)
                probabilities[text] = probabilities.get(text, 0.0) + mass
        return dict(sorted(probabilities.items(), key=lambda item: (-item[1], item[0])))

    def derivations(self, source: str) -> Derivations:
        """The free orders of a text per language (all its clauses take the same one)."""
        clauses = self._grammar.parse(source)
        derivations: Derivations = {}
        for language in LANGUAGES:
            by_clause = [orders(clause, language) for clause in clauses]
            texts = [
                tuple(unit for units in text for unit in self._bounded(units))
                for text in zip(*by_clause, strict=True)
            ]
            derivations[language] = list(zip(ORDER_PROBABILITIES[len(texts)], texts, strict=True))
        return derivations

    def make(self, rng: random.Random) -> tuple[str, Derivations]:
        """Draws a source text of one to `joined` clauses that has at most LIMIT translations per language."""
        while True:
            source = " ".join(self._grammar.make(rng) for _ in range(rng.randint(1, self._joined)))
            derivations = self.derivations(source)
            if all(_count(texts) <= LIMIT for texts in derivations.values()):
                return source, derivations

    def _bounded(self, units: Units) -> Iterator[Unit]:
        """The units, shortened, in the nearest order that takes none further than `reordering` places."""
        rank = {unit.source: place for place, unit in enumerate(sorted(units))}
        waiting = list(units)
        for place in range(len(units)):
            unit = min(waiting)
            if place - rank[unit.source] < self._reordering:  # else it is overdue
                unit = next(unit for unit in waiting if rank[unit.source] - place <= self._reordering)
            waiting.remove(unit)
            yield Unit(unit.source, _shortened(unit.choices, self._words))


def _count(texts: Texts) -> int:
    """Upper bound on the number of translations, without enumerating them."""
    return sum(math.prod(len(unit.choices) for unit in units) for _, units in texts)


@functools.cache
def _shortened(choices: Choices, words: int) -> Choices:
    """The first `words` words of each choice; choices that become equal are one."""
    shares: dict[str, float] = {}
    for text, share in choices:
        short = " ".join(text.split()[:words])
        shares[short] = shares.get(short, 0.0) + share
    return tuple(shares.items())


def sample(texts: Texts, rng: random.Random) -> list[Target]:
    """One to four different translations, drawn from the distribution; the first is the corpus's target."""
    targets: dict[str, Target] = {}
    for _ in range(rng.randint(1, REFERENCES)):
        units = _draw([(units, probability) for probability, units in texts], rng)
        target = _target(units, [_draw(unit.choices, rng) for unit in units])
        targets.setdefault(target.text, target)
    return list(targets.values())


def _draw(options: Sequence[tuple[T, float]], rng: random.Random) -> T:
    if len(options) == 1:
        return options[0][0]
    return rng.choices([option for option, _ in options], [share for _, share in options])[0]


def _target(units: Units, picks: list[str]) -> Target:
    links: Links = []
    words: list[str] = []
    for unit, pick in zip(units, picks, strict=True):
        for word in pick.split():
            links += [(position, len(words)) for position in unit.source]
            words.append(word)
    return Target(" ".join(words), links)


def splits(corpus: TranslationCorpus) -> list[Split]:
    return [Split(name, SCHEMA, rows) for name, rows in corpus.sizes.model_dump().items()]


def generate(corpus: TranslationCorpus) -> dict[str, pa.Table]:
    """Every split; no source text occurs twice.

    Raises:
        UserError: the grammar has fewer different sentences than asked for.
    """
    rng, translator = random.Random(corpus.seed), Translator(corpus)
    examples = NOTES[: corpus.sizes.test] if corpus.lexicon == "shared" else []
    seen = set(examples)
    tables = {}
    for split in splits(corpus):
        texts = [(source, translator.derivations(source)) for source in examples if split.name == "test"]
        texts += [_new(translator, rng, seen) for _ in range((split.rows or 0) - len(texts))]
        rows = [_row(source, derivations, rng) for source, derivations in texts]
        tables[split.name] = pa.Table.from_pylist(rows, SCHEMA)
    return tables


def _new(translator: Translator, rng: random.Random, seen: set[str]) -> tuple[str, Derivations]:
    for _ in range(TRIES):
        source, derivations = translator.make(rng)
        if source not in seen:
            seen.add(source)
            return source, derivations
    raise UserError(f"corpora: only {len(seen):,} different sentences found; lower sizes or raise joined")


def _row(source: str, derivations: Derivations, rng: random.Random) -> dict[str, str | list[str]]:
    row: dict[str, str | list[str]] = {"en": source}
    for language, texts in derivations.items():
        targets = sample(texts, rng)
        row[language] = targets[0].text
        row[f"{language}_references"] = [target.text for target in targets]
        row[f"{language}_links"] = [" ".join(f"{s}-{t}" for s, t in target.links) for target in targets]
    return row
