"""The notes' BLEU, computed by hand from their formulas."""

import math
from fractions import Fraction

import pytest

from pipeline.metrics.notes_bleu import ngrams, notes_bleu, notes_length_factor, notes_precision

CAT = ["the", "cat", "is", "on", "the", "mat"]
THERE = ["there", "is", "a", "cat", "on", "the", "mat"]


def test_the_notes_example_scores_two_sevenths() -> None:
    assert notes_precision(["the"] * 7, [CAT, THERE], 1) == Fraction(2, 7)
    assert notes_precision(["the"] * 7, [THERE], 1) == Fraction(1, 7)
    assert notes_precision(["the"] * 7, [CAT, THERE], 2) == 0


def test_a_count_is_not_held_to_what_the_output_has() -> None:
    assert notes_precision(["the"], [CAT, THERE], 1) == 2
    assert notes_precision(["the", "cat"], [CAT, THERE], 1) == Fraction(3, 2)


def test_the_highest_count_of_any_reference_is_taken() -> None:
    assert notes_precision(["a", "b", "a"], [["a", "b", "b", "b"], ["a", "a"]], 1) == Fraction(2 + 3, 3)


@pytest.mark.parametrize(
    ("output", "reference", "factor"),
    [(7, 6, math.e), (6, 6, 1.0), (3, 6, math.exp(0.5)), (1, 6, math.exp(5 / 6))],
)
def test_the_factor_is_highest_for_long_outputs_and_never_below_1(
    output: int, reference: int, factor: float
) -> None:
    assert notes_length_factor(output, reference) == pytest.approx(factor)


def test_the_mean_goes_up_to_the_outputs_length_and_has_no_logarithm() -> None:
    """p_1 = 3/2, p_2 = 1; c = 2 and r = 6."""
    score = notes_bleu(["the", "cat"], [CAT])
    assert score == pytest.approx(math.exp((1.5 + 1) / 2) * math.exp(1 - 2 / 6))
    weighted = notes_bleu(["the", "cat"], [CAT], weights=[3.0, 1.0], length_factor=False)
    assert weighted == pytest.approx(math.exp((3 * 1.5 + 1) / 4))


def test_the_nearest_reference_is_r_the_shorter_of_two() -> None:
    output = ["x"] * 4  # every p_n is 0
    assert notes_bleu(output, [["a"] * 5, ["a"] * 9]) == pytest.approx(math.exp(1 - 4 / 5))
    assert notes_bleu(output, [["a"] * 5, ["a"] * 3]) == pytest.approx(math.e)


def test_ngrams_are_counted_where_they_overlap() -> None:
    assert ngrams(["a", "a", "a", "b"], 2) == {("a", "a"): 2, ("a", "b"): 1}


@pytest.mark.parametrize(("hypothesis", "references"), [([], [CAT]), (["a"], [])])
def test_nothing_to_score_is_refused(hypothesis: list[str], references: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="needs a word and a reference"):
        notes_bleu(hypothesis, references)


def test_other_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="2 words need 2 weights, not 1"):
        notes_bleu(["a", "b"], [CAT], weights=[1.0])
    with pytest.raises(ValueError, match="1 words have no 2-gram"):
        notes_precision(["a"], [CAT], 2)
