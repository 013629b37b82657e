"""IBM Model 1: a hand-worked example, a loop in plain Python, and what its mathematics promises."""

from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluation.model1 import NULL, WordTable, train

SOURCES, TARGETS = [["a"], ["a", "b"]], [["x"], ["x", "y"]]


def values(table: WordTable) -> dict[tuple[str, str], float]:
    found = table.probabilities.tocoo()
    rows, columns = found.coords
    return {
        (table.sources[row], table.targets[column]): value
        for row, column, value in zip(rows, columns, found.data, strict=True)
    }


def test_two_rounds_by_hand() -> None:
    """First all shares are equal: x of the first pair half from NULL, half from a; then thirds.

    So x gives NULL and a 1/2 + 1/3 each, y 1/3: t(x | a) = (5/6) / (7/6) = 5/7. Of b, 1/3 and 1/3.
    In the second round a's share of the second x is 5/7 of 5/7 + 5/7 + 1/2, of y 2/7 of 2/7 + 2/7 + 1/2.
    """
    first = values(train(SOURCES, TARGETS, iterations=1))
    assert first == pytest.approx(
        {
            (NULL, "x"): 5 / 7,
            (NULL, "y"): 2 / 7,
            ("a", "x"): 5 / 7,
            ("a", "y"): 2 / 7,
            ("b", "x"): 1 / 2,
            ("b", "y"): 1 / 2,
        }
    )
    x_from_a, y_from_a = Fraction(1, 2) + Fraction(10, 27), Fraction(4, 15)
    x_from_b, y_from_b = Fraction(7, 27), Fraction(7, 15)
    second = values(train(SOURCES, TARGETS, iterations=2))
    assert second["a", "x"] == pytest.approx(float(x_from_a / (x_from_a + y_from_a)))
    assert second["b", "y"] == pytest.approx(float(y_from_b / (x_from_b + y_from_b))) == pytest.approx(9 / 14)
    assert train(SOURCES, TARGETS).likeliest() == {"a": "x", "b": "y"}


Sentence = list[str]
sentences = st.lists(st.sampled_from(["p", "q", "r", "s", "t"]), min_size=0, max_size=6)
pairs = st.lists(
    st.tuples(sentences, sentences.map(lambda words: [word.upper() for word in words])),
    min_size=1,
    max_size=9,
).filter(lambda rows: any(target for _, target in rows))


def by_loops(rows: list[tuple[Sentence, Sentence]], iterations: int) -> dict[tuple[str, str], float]:
    table: defaultdict[tuple[str, str], float] = defaultdict(lambda: 1.0)
    for _ in range(iterations):
        counts: defaultdict[tuple[str, str], float] = defaultdict(float)
        for source, target in rows:
            for word in target:
                whole = sum(table[origin, word] for origin in [NULL, *source])
                for origin in [NULL, *source]:
                    counts[origin, word] += table[origin, word] / whole
        totals: defaultdict[str, float] = defaultdict(float)
        for (origin, _), count in counts.items():
            totals[origin] += count
        table = defaultdict(float, {pair: count / totals[pair[0]] for pair, count in counts.items()})
    return dict(table)


@given(pairs)
def test_as_loops_would_have_it(rows: list[tuple[Sentence, Sentence]]) -> None:
    sources, targets = ([row[side] for row in rows] for side in (0, 1))
    table = train(sources, targets, iterations=3)
    assert values(table) == pytest.approx(by_loops(rows, 3))
    sums = table.probabilities.sum(axis=1)
    seen = {NULL} | {word for source, target in rows if target for word in source}
    np.testing.assert_allclose(sums, [word in seen for word in table.sources], atol=1e-12)


@given(pairs)
def test_the_likelihood_never_falls(rows: list[tuple[Sentence, Sentence]]) -> None:
    sources, targets = ([row[side] for row in rows] for side in (0, 1))
    likelihoods = []
    for iterations in range(1, 6):
        table = values(train(sources, targets, iterations=iterations))
        likelihoods.append(
            sum(
                np.log(sum(table[origin, word] for origin in [NULL, *source]))
                for source, target in rows
                for word in target
            )
        )
    assert (np.diff(likelihoods) > -1e-9).all()


def test_a_permutation_of_words_is_found() -> None:
    rng = np.random.default_rng(3)
    words = [f"w{i}" for i in range(11)]
    sources = [list(rng.choice(words, 5, replace=False)) for _ in range(300)]
    targets = [[word[::-1] for word in rng.permutation(source)] + ["."] for source in sources]
    assert train(sources, targets).likeliest() == {word: word[::-1] for word in words}
