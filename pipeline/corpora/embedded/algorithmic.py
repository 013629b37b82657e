"""Generated problems that ask for what was read a known number of steps ago.

    adding     numbers, two of them marked; at the end their sum (Hochreiter & Schmidhuber 1997, section 5.4)
    copy       letters, a pause, then the letters again (Arjovsky et al. 2016, section 4.1)
    reverse    letters, then the letters from the last to the first (Sutskever et al. 2014)
    recall     a letter, then others; at the end the first one

A row is one sequence. Its steps hold a symbol and a number; where the symbol is `ASK`, the step's `target` is
wanted, and `distance` is how many steps before what it asks for was read (of two numbers, the earlier one).
Distances are drawn evenly on a logarithmic scale. Who has read nothing reaches chance: one letter in
`letters` right, or for the sum, by always answering 1, a mean squared error of 1/6.
"""

import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.config.schema.corpora import AlgorithmicCorpus
from pipeline.corpora.canonical import Split
from pipeline.data.symbols import ASK, BLANK, FIRST_LETTER, MARK

SPLITS = ("train", "validation", "test")
SHARES = {"train": (0, 1), "validation": (2,), "test": (3,)}
"""Rows are dealt out by their content modulo 4, so that none is in two splits."""
DECIMALS = 4

SCHEMA = pa.schema(
    [
        ("symbols", pa.list_(pa.int64())),
        ("numbers", pa.list_(pa.float64())),
        ("targets", pa.list_(pa.float64())),
        ("distances", pa.list_(pa.int64())),
    ]
)


class Row(NamedTuple):
    """One item a step; `distances` is 0 and `targets` too where nothing is asked."""

    symbols: list[int]
    numbers: list[float]
    targets: list[float]
    distances: list[int]


def splits(corpus: AlgorithmicCorpus) -> list[Split]:
    columns = ("symbols", "numbers", "targets", "distances")
    return [Split(name, SCHEMA, getattr(corpus.sizes, name), parallel=columns) for name in SPLITS]


def generate(corpus: AlgorithmicCorpus) -> dict[str, pa.Table]:
    make = PROBLEMS[corpus.problem]
    tables = {}
    for place, name in enumerate(SPLITS):
        rng = np.random.default_rng([corpus.seed, place])
        rows: list[Row] = []
        while len(rows) < getattr(corpus.sizes, name):
            row = make(corpus, rng)
            if _content(row) % 4 in SHARES[name]:
                rows.append(row)
        tables[name] = pa.table([list(column) for column in zip(*rows, strict=True)], schema=SCHEMA)
    return tables


def adding(corpus: AlgorithmicCorpus, rng: np.random.Generator) -> Row:
    """The first number is marked and one of the others; the distance is the first one's."""
    count = max(_distance(corpus, rng), 2)
    numbers = rng.uniform(size=count).round(DECIMALS).tolist()
    other = int(rng.integers(1, count))
    symbols = [BLANK] * count
    symbols[0] = symbols[other] = MARK
    total = round(numbers[0] + numbers[other], DECIMALS)
    return Row([*symbols, ASK], [*numbers, 0.0], [0.0] * count + [total], [0] * count + [count])


def copy(corpus: AlgorithmicCorpus, rng: np.random.Generator) -> Row:
    """All letters are wanted at the same distance."""
    distance = max(_distance(corpus, rng), corpus.length)
    letters = _letters(corpus, rng, corpus.length)
    return _asked(letters + [BLANK] * (distance - corpus.length), letters, [distance] * corpus.length)


def reverse(corpus: AlgorithmicCorpus, rng: np.random.Generator) -> Row:
    """The last letter is wanted first, so the distances are 1, 3, 5, … up to the one that was drawn."""
    letters = _letters(corpus, rng, (_distance(corpus, rng) + 1) // 2)
    return _asked(letters, letters[::-1], [2 * place + 1 for place in range(len(letters))])


def recall(corpus: AlgorithmicCorpus, rng: np.random.Generator) -> Row:
    letters = _letters(corpus, rng, _distance(corpus, rng))
    return _asked(letters, letters[:1], [len(letters)])


PROBLEMS: dict[str, Callable[[AlgorithmicCorpus, np.random.Generator], Row]] = {
    "adding": adding,
    "copy": copy,
    "reverse": reverse,
    "recall": recall,
}


def _distance(corpus: AlgorithmicCorpus, rng: np.random.Generator) -> int:
    ends = np.log([corpus.nearest, corpus.farthest + 1])
    return min(int(np.exp(rng.uniform(*ends))), corpus.farthest)


def _letters(corpus: AlgorithmicCorpus, rng: np.random.Generator, count: int) -> list[int]:
    letters: list[int] = rng.integers(FIRST_LETTER, FIRST_LETTER + corpus.letters, count).tolist()
    return letters


def _asked(read: list[int], wanted: list[int], distances: list[int]) -> Row:
    symbols, idle = read + [ASK] * len(wanted), [0] * len(read)
    return Row(symbols, [0.0] * len(symbols), [*idle, *map(float, wanted)], idle + distances)


def _content(row: Row) -> int:
    """A number that depends on all that is read, and is the same on every machine."""
    return zlib.crc32(repr((row.symbols, row.numbers)).encode())
