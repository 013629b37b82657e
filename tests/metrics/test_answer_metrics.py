"""Scores of answers, worked out by hand."""

import pytest

from pipeline.metrics.answers import MEASURES, exact_match, rouge, scores


def test_an_answer_is_exact_whatever_its_capitals_marks_and_blanks() -> None:
    hypotheses = ["milk , football", "The Attic.", "attics", ""]
    references = [["milk,football"], ["barn", "the attic"], ["attic"], ["attic"]]
    assert exact_match(hypotheses, references).value == 0.5


def test_rouge_takes_the_best_reference() -> None:
    hypotheses = ["the dog ate a red apple", "no"]
    # With the first: words in common in order dog ate apple = 3 of 6 and 4; with the second 1 of 6 and 1.
    references = [["dog ate an apple", "apple"], ["yes"]]
    found = rouge(hypotheses, references)
    best = 2 * (3 / 6) * (3 / 4) / (3 / 6 + 3 / 4)
    assert found["rouge_l"].value == pytest.approx(100 * best / 2, abs=1e-3)
    assert found["rouge_1"].value == pytest.approx(100 * best / 2, abs=1e-3)
    pairs = 2 * (1 / 5) * (1 / 3) / (1 / 5 + 1 / 3)
    assert found["rouge_2"].value == pytest.approx(100 * pairs / 2, abs=1e-3)
    assert "torchmetrics" in found["rouge_l"].signature


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_scores_itself_first_and_knows_the_perfect_answer(measure: str) -> None:
    texts = ["the cat sat on the mat today", "a dog ran to the far barn"]
    found = scores(measure, texts, [[text] for text in texts])
    assert next(iter(found)) == measure
    assert found[measure].value == pytest.approx(1 if measure == "exact_match" else 100)
    assert scores(measure, texts[::-1], [[text] for text in texts])[measure].value < found[measure].value


def test_every_answer_needs_a_reference() -> None:
    for hypotheses, references in (([], []), (["a"], []), (["a"], [[]])):
        with pytest.raises(ValueError, match="answers need as many lists"):
            scores("exact_match", hypotheses, references)
