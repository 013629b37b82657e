"""Words as a treebank cuts them, and their spellings."""

import pytest

from pipeline.text.tokenizer import PAD, UNK
from pipeline.text.words import SPELLING, spelled, split_words, train_characters, train_words, word_ids

SENTENCE = ["Ann", "saw", "saw", "ann"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't go!", ["Do", "n't", "go", "!"]),
        ("Ann\u2019s dog CAN'T.", ["Ann", "\u2019s", "dog", "CA", "N'T", "."]),
        (
            "a well-known 3.5 U.S. dollars at 10:30",
            ["a", "well", "-", "known", "3.5", "U.S.", "dollars", "at", "10:30"],
        ),
        ("हिन्दी 漢字 😀", ["हिन्दी", "漢字", "😀"]),
        ("  \n\t ", []),
        ("", []),
    ],
)
def test_raw_text_is_cut_as_treebanks_cut_it(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@pytest.mark.parametrize("lowercase", [False, True])
def test_every_word_has_one_id(lowercase: bool) -> None:
    tokenizer = train_words(SENTENCE, vocabulary=20, minimum_frequency=1, lowercase=lowercase)
    ids = word_ids(tokenizer, [*SENTENCE, "two words", "", "never"])
    assert len(ids) == 7
    assert bool(ids[0] == ids[3]) is lowercase
    assert ids[1] == ids[2] != UNK
    assert ids[4:].tolist() == [UNK] * 3


def test_rare_words_are_unknown() -> None:
    tokenizer = train_words(SENTENCE, vocabulary=20, minimum_frequency=2, lowercase=False)
    assert (word_ids(tokenizer, SENTENCE) == UNK).tolist() == [True, False, False, True]


def test_spelling_keeps_case_and_both_ends() -> None:
    tokenizer = train_characters(["aA", "aA", "b", "b", "x"])
    short, cased, empty, strange = spelled(tokenizer, ["ab", "Aa", "", "x"])
    assert len(short) == SPELLING
    assert (short[:2] != PAD).all()
    assert (short[2:] == PAD).all()
    assert cased[1] == short[0] != cased[0]
    assert empty[0] == strange[0] == UNK
    head, tail = "a" * SPELLING, "b" * SPELLING
    (long,) = spelled(tokenizer, [head + tail])
    assert long.tolist() == [short[0]] * (SPELLING // 2) + [short[1]] * (SPELLING // 2)
