"""Modified Kneser-Ney: worked by hand, and a distribution whatever the text."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluation.ngrams import FALLBACK, KneserNey, discounts_of
from pipeline.text.tokenizer import EOS

A, B, C = 4, 5, 6
V = 7
"""Ids below it; padding and start are no words, so five are: unknown, end of line, a, b, c."""


def text(*lines: list[int]) -> np.ndarray:
    return np.array([token for line in lines for token in [*line, EOS]], dtype=np.uint16)


def test_bigrams_worked_by_hand() -> None:
    """a b . / a b . / c b .  (. is the line's end)

    Bigrams: <s> a 2, <s> c 1, a b 2, c b 1, b . 3. Words by how many words stand before them: a 1, c 1, b 2,
    . 1, five in all. Both orders are too small to estimate discounts: .5, 1 and 1.5.
    """
    model = KneserNey(text([A, B], [A, B], [C, B]), order=2, vocabulary=V)
    uniform = 1 / 5
    left = (0.5 + 0.5 + 1 + 0.5) / 5
    one = {A: 0.5 / 5, B: (2 - 1) / 5, C: 0.5 / 5, EOS: 0.5 / 5}
    one = {word: chance + left * uniform for word, chance in one.items()}
    start_a = (2 - 1) / 3 + (1 + 0.5) / 3 * one[A]
    start_b = 0 + (1 + 0.5) / 3 * one[B]
    a_b = (2 - 1) / 2 + 1 / 2 * one[B]
    b_end = (3 - 1.5) / 3 + 1.5 / 3 * one[EOS]
    b_c = 0 + 1.5 / 3 * one[C]
    c_end = 0 + 0.5 / 1 * one[EOS]
    found = np.exp(model.log_probabilities(text([A, B], [B, C])))
    assert found == pytest.approx([start_a, a_b, b_end, start_b, b_c, c_end])


def test_an_unseen_context_is_that_of_the_shorter_one() -> None:
    trained = text([A, B], [A, B], [C, B])
    three, two = (KneserNey(trained, order=order, vocabulary=V) for order in (3, 2))
    asked = text([B, B, A])
    found = three.log_probabilities(asked)
    # "<s> b" and "b b" were never followed by anything: what "b" and the unigrams say remains.
    assert np.isfinite(found).all()
    again = KneserNey(trained, order=3, vocabulary=V).log_probabilities(text([B, B, A]))
    assert found.tolist() == again.tolist()
    assert two.log_probabilities(asked)[0] == pytest.approx(found[0], abs=0.5)


def test_unigrams_are_counts() -> None:
    """Counts a 4, b 2, c 1 and three line ends: one of each, so 1/3, 1 and 5/3 are taken off."""
    model = KneserNey(text([A, A, A, B], [A, B], [C]), order=1, vocabulary=V)
    left = (5 / 3 + 1 + 1 / 3 + 5 / 3) / 10
    found = np.exp(model.log_probabilities(text([A, B, C])))
    discounted = [4 - 5 / 3, 2 - 1, 1 - 1 / 3, 3 - 5 / 3]
    assert found == pytest.approx([each / 10 + left / 5 for each in discounted])


def test_discounts_of_chen_and_goodman() -> None:
    counts = np.array([1] * 8 + [2] * 4 + [3] * 2 + [4] * 1 + [9] * 3)
    share = 8 / (8 + 2 * 4)
    expected = (1 - 2 * share * 4 / 8, 2 - 3 * share * 2 / 4, 3 - 4 * share * 1 / 2)
    assert discounts_of(counts) == pytest.approx(expected)
    assert discounts_of(np.array([1, 1, 2])) == FALLBACK


lines = st.lists(st.lists(st.sampled_from([1, A, B, C]), max_size=6), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(trained=lines, history=st.lists(st.sampled_from([1, A, B, C]), max_size=5), order=st.integers(1, 5))
def test_probabilities_of_all_words_add_up_to_one(
    trained: list[list[int]], history: list[int], order: int
) -> None:
    model = KneserNey(text(*trained), order=order, vocabulary=V)
    place = len(history)
    total = sum(
        math.exp(model.log_probabilities(text([*history, word]) if word != EOS else text(history))[place])
        for word in (1, EOS, A, B, C)
    )
    assert total == pytest.approx(1)


def test_longer_contexts_help_where_they_tell() -> None:
    """A word that comes again two places later, and one that comes again six places later."""
    rng = np.random.default_rng(3)
    rows = []
    for _ in range(300):
        early, late = rng.choice([A, B], 2)
        rows.append([early, C, C, late, C + 1, late, early])
    trained, asked = text(*rows[:200]), text(*rows[200:])
    twice, far = ([], [])
    for order in (2, 3, 5):
        found = -KneserNey(trained, order=order, vocabulary=V + 1).log_probabilities(asked)
        losses = found.reshape(100, 8).mean(0)
        twice.append(losses[5])
        far.append(losses[6])
    assert twice[0] > 0.6
    assert max(twice[1:]) < 0.05
    assert min(far) > 0.6
