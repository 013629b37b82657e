"""Alignments, against planted ones and numbers worked by hand."""

import numpy as np
import pytest

from pipeline.metrics.alignment import covered, diagonal, entropy, error_rate, hard, parse

GOLD = parse("0-0 2-1 1-2")


def planted(gold: list[tuple[int, int]]) -> np.ndarray:
    weights = np.zeros((3, 3))
    for source, target in gold:
        weights[target, source] = 1.0
    return weights


def test_a_planted_alignment_is_found_without_error() -> None:
    assert error_rate(hard(planted(GOLD)), GOLD) == 0


def test_links_that_are_missed_and_wrong_count_alike() -> None:
    # One of three found links is right: 1 - 2 * 1 / (3 + 3).
    assert error_rate(diagonal(3, 3), GOLD) == pytest.approx(2 / 3)
    # A gold link more than can be found: 1 - 2 * 3 / (3 + 4).
    assert error_rate(GOLD, [*GOLD, (0, 1)]) == pytest.approx(1 / 7)


def test_the_diagonal_stretches_over_unequal_lengths() -> None:
    assert diagonal(2, 4) == [(0, 0), (0, 1), (1, 2), (1, 3)]


def test_entropy_is_none_of_a_look_at_one_word_and_two_bits_of_an_even_one() -> None:
    assert entropy(planted(GOLD)) == 0
    assert entropy(np.full((3, 4), 0.25)) == pytest.approx(2)


def test_covered_words_keep_nothing_of_a_planted_alignment_and_an_even_share_of_an_even_one() -> None:
    assert covered(planted(GOLD), GOLD) == 0
    assert covered(np.full((3, 3), 1 / 3), GOLD) == pytest.approx(1)


def test_a_word_that_is_said_again_is_not_behind() -> None:
    assert covered(np.array([[1.0, 0.0], [1.0, 0.0]]), [(0, 0), (0, 1)]) is None
