"""Baselines of translation: what they answer to words known and unknown."""

import pytest

from pipeline.evaluation.translation_baselines import fit, words_of

SOURCES = ["The cat sleeps.", "The dog sleeps.", "A cat!", "A dog eats.", "the cat eats"]
TARGETS = ["Le chat dort.", "Le chien dort.", "Un chat !", "Un chien mange.", "le chat mange"]


def test_the_source_as_it_is() -> None:
    answer = fit("copy_source", SOURCES, TARGETS)
    assert answer(["The Zebra &amp; I.", ""]) == ["The Zebra &amp; I.", ""]


def test_word_by_word_and_unknown_words_copied() -> None:
    answer = fit("word_table", SOURCES, TARGETS)
    assert answer(["A dog sleeps.", "the  ZEBRA eats", ""]) == ["un chien dort .", "le zebra mange", ""]


def test_words_are_those_of_the_word_tokenizer() -> None:
    assert words_of(["L\u2019ami&amp;moi\u00a0!", "यह क्या है।", "e\u0301t\u00e9 don't"]) == [
        ["l\u2019ami", "&", "moi", "!"],
        ["यह", "क्या", "है", "।"],
        ["été", "don't"],
    ]
    assert words_of(["", " "]) == [[], []]


def test_no_other_baseline() -> None:
    with pytest.raises(ValueError, match="no baseline 'oracle'"):
        fit("oracle", SOURCES, TARGETS)
