"""Outputs cut short, against sacreBLEU and a case worked by hand."""

import math

import pytest

from pipeline.evaluation.cut_outputs import cut_outputs
from pipeline.metrics.translation import bleu

WORDS = {"lowercase": True, "tokenize": "13a"}
REFERENCES = [
    ["a red dog runs along the long beach", "one dog runs there"],
    ["two men sit here and talk quietly"],
]
OUTPUTS = ["a red dog runs along a wall today", "two men sit here or there quietly"]


def test_whole_outputs_have_the_bleu_of_the_table() -> None:
    found = cut_outputs(OUTPUTS, REFERENCES, **WORDS).set_index("share")
    assert found.loc[1.0, "bleu"] == pytest.approx(bleu(OUTPUTS, REFERENCES, **WORDS).value)


def test_a_beginning_that_is_right_has_full_precision_and_a_penalty() -> None:
    found = cut_outputs(OUTPUTS, [texts[:1] for texts in REFERENCES], **WORDS).set_index("share").loc[0.5]
    # Four of eight and four of seven words are left, all of them right: 8 words against 15.
    assert found["without_penalty"] == pytest.approx(100)
    assert found["bleu"] == pytest.approx(100 * math.exp(1 - 15 / 8))


def test_the_notes_formula_rewards_saying_less() -> None:
    found = cut_outputs(OUTPUTS, REFERENCES, **WORDS)["notes_bleu"]
    assert found.is_monotonic_increasing


def test_an_output_without_words_scores_nothing() -> None:
    found = cut_outputs([""], [["a dog"]], **WORDS)
    assert (found[["bleu", "notes_bleu"]] == 0).all(axis=None)
