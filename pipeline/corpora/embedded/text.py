"""Generated running text whose every word has a known probability.

A line is a person, some words of an order-2 Markov chain that knows nothing of the person, what that person
does, and when. The verb agrees with the person, and at least `distance` words stand between the two: no model
that looks back at so many words or fewer can know it.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipeline.config.schema.corpora import TextCorpus
from pipeline.corpora.canonical import Split, text_schema
from pipeline.errors import UserError

ROLES = {
    "baker": "kneads",
    "sailor": "rows",
    "tailor": "sews",
    "farmer": "ploughs",
    "painter": "sketches",
    "miller": "grinds",
    "weaver": "spins",
    "smith": "hammers",
}
"""Person -> verb."""
FILLER = [
    *["quietly", "again", "behind", "beside", "small", "green", "heavy", "old", "and", "but", "so", "very"],
    *["still", "near", "under", "while", "because", "without", "seldom", "warm", "narrow", "late", "never"],
    "both",
]
WHEN = [
    *["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today", "tomorrow"],
    *["yesterday", "dawn", "noon", "dusk", "midnight", "summer", "winter"],
]
BRANCHES = 2
"""Words that may follow a word, and those that may follow it at a distance of two."""
END = 0.5
"""Probability of the verb after `distance` words of filler, and after each further one."""
TRIES = 1000
"""Draws in a row that repeat an earlier line before giving up."""

Weights = dict[str | None, dict[str, float]]
"""Word, None where the filler begins -> what follows it, with probabilities."""


@dataclass(frozen=True)
class Chain:
    """p(w | u, v) = (after[v][w] + skip[u][w]) / 2: the mixture transition model (Raftery 1985)."""

    after: Weights
    skip: Weights

    @classmethod
    def of(cls, seed: int) -> "Chain":
        rng = random.Random(f"chain {seed}")
        return cls(*(_weights(rng) for _ in range(2)))

    def next(self, before: str | None, last: str | None) -> dict[str, float]:
        """The next word's probabilities after the filler's last two words."""
        found: dict[str, float] = {}
        for weights in (self.after[last], self.skip[before]):
            for word, weight in weights.items():
                found[word] = found.get(word, 0.0) + weight / 2
        return found


def _weights(rng: random.Random) -> Weights:
    found: Weights = {}
    for word in (None, *FILLER):
        shares = [rng.uniform(1, 4) for _ in range(BRANCHES)]
        drawn = zip(rng.sample(FILLER, BRANCHES), shares, strict=True)
        found[word] = {follower: share / sum(shares) for follower, share in drawn}
    return found


def splits(corpus: TextCorpus) -> list[Split]:
    return [Split(name, text_schema("text"), size) for name, size in corpus.sizes.model_dump().items()]


def generate(corpus: TextCorpus) -> dict[str, pa.Table]:
    """Lines, none of them twice: about one in thirty that is drawn, so probabilities are as good as exact.

    Raises:
        UserError: there are not so many different lines.
    """
    lines, seen = _lines(corpus), set[str]()
    tables = {}
    for split in splits(corpus):
        texts: list[str] = []
        tries = 0
        while len(texts) < (split.rows or 0):
            line = next(lines)
            tries = tries + 1 if line in seen else 0
            if tries > TRIES:
                raise UserError(f"text: {len(seen):,} lines are all that it finds; lower sizes")
            if line not in seen:
                seen.add(line)
                texts.append(line)
        tables[split.name] = pa.table([texts], split.schema)
    return tables


def _lines(corpus: TextCorpus) -> Iterator[str]:
    rng, chain = random.Random(f"lines {corpus.seed}"), Chain.of(corpus.seed)
    while True:
        person = rng.choice(list(ROLES))
        filler: list[str] = []
        before, last = None, None
        while len(filler) < corpus.distance or rng.random() >= END:
            following = chain.next(before, last)
            (word,) = rng.choices(list(following), list(following.values()))
            filler.append(word)
            before, last = last, word
        yield " ".join([person, *filler, ROLES[person], rng.choice(WHEN)])


# ------------------------------------------------------------------------------------- what is known


def notes(corpus: TextCorpus, tables: dict[str, pa.Table]) -> list[str]:
    """For the report."""
    texts = tables["test"]["text"].to_pylist()
    known, blind = (perplexity(corpus, texts, agreeing=agreeing) for agreeing in (True, False))
    return [
        f"The test split's true perplexity is {known:.3f} per token; {blind:.3f} for whoever knows all but "
        f"which verb goes with a person more than {corpus.distance} words before it."
    ]


def perplexity(corpus: TextCorpus, texts: Sequence[str], *, agreeing: bool = True) -> float:
    """Of who knows the grammar; `agreeing`: and remembers each line's person."""
    chain = Chain.of(corpus.seed)
    found = [p for text in texts for p in _probabilities(corpus, chain, text.split(), agreeing)]
    return math.exp(-sum(map(math.log, found)) / len(found))


def probabilities(corpus: TextCorpus, text: str, *, agreeing: bool = True) -> list[float]:
    """Of each word of a line that the grammar makes, and of the line's end after it."""
    return _probabilities(corpus, Chain.of(corpus.seed), text.split(), agreeing)


def _probabilities(corpus: TextCorpus, chain: Chain, words: Sequence[str], agreeing: bool) -> list[float]:
    _, *filler, _, _ = words
    found = [1 / len(ROLES)]
    before, last = None, None
    for place, word in enumerate(filler):
        stays = 1.0 if place < corpus.distance else 1 - END
        found.append(stays * chain.next(before, last)[word])
        before, last = last, word
    return [*found, END if agreeing else END / len(ROLES), 1 / len(WHEN), 1.0]
