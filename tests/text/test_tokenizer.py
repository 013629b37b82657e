"""Tokenizers: what goes in comes out, and what must not survive doesn't."""

import unicodedata
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import UserError
from pipeline.text.tokenizer import BOS, EOS, PAD, UNK, Tokenizer

Kind = Literal["word", "bpe"]
DEVANAGARI = "नमस्ते दुनिया, क्षितिज।"
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCXYZ 0189.,!?'-&<>/éüß" + DEVANAGARI + "👍😀"
TEXTS = [
    *[ALPHABET, "The cat sat on the mat.", "the dog saw the cat", "It's a dog's life, don't they say?"] * 3,
    *[DEVANAGARI, "well <br /><br />done"] * 3,
]
KINDS: list[Kind] = ["word", "bpe"]
few = settings(max_examples=50, deadline=None)


def trained(
    kind: Kind, *, vocabulary: int = 300, lowercase: bool = True, texts: list[str] = TEXTS
) -> Tokenizer:
    return Tokenizer.train(texts, kind=kind, vocabulary=vocabulary, minimum_frequency=1, lowercase=lowercase)


TOKENIZERS = {
    (kind, lowercase): trained(kind, lowercase=lowercase) for kind in KINDS for lowercase in (True, False)
}


def blanks_joined(text: str) -> str:
    return " ".join(text.split())


@few
@given(st.text(ALPHABET, max_size=47))
def test_bpe_gives_back_normalised_text(text: str) -> None:
    expected = blanks_joined(unicodedata.normalize("NFC", text).replace("&amp;", "&").replace("<br/>", " "))
    assert TOKENIZERS["bpe", False].decode(TOKENIZERS["bpe", False].encode(text)) == expected


@few
@given(st.text(max_size=47), st.sampled_from(KINDS))
def test_any_text_gives_ids_in_range_and_no_special_symbols(text: str, kind: Kind) -> None:
    tokenizer = TOKENIZERS[kind, True]
    ids = tokenizer.encode(text)
    assert all(0 <= i < tokenizer.size for i in ids)
    assert not {PAD, BOS, EOS} & set(ids)
    assert len(tokenizer.tokens(ids)) == len(ids)
    assert tokenizer.decode([BOS, *ids, EOS, PAD]) == tokenizer.decode(ids)


@few
@given(st.lists(st.text(max_size=17), max_size=5), st.sampled_from(KINDS))
def test_a_batch_is_its_texts_one_by_one(texts: list[str], kind: Kind) -> None:
    tokenizer = TOKENIZERS[kind, True]
    assert tokenizer.encode_batch(texts) == [tokenizer.encode(text) for text in texts]


@few
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=23))
def test_no_control_character_survives(text: str) -> None:
    tokenizer = trained("bpe", texts=[text, "a"])
    for piece in tokenizer.tokens(range(4, tokenizer.size)):
        assert not any(unicodedata.category(character) == "Cc" for character in piece)
    decoded = tokenizer.decode(tokenizer.encode(text))
    assert decoded == blanks_joined(decoded)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", " ", "\n\t", "\x00\x1f\x85", "<br />", "\u2581"])
def test_nothing_to_read(kind: Kind, text: str) -> None:
    assert TOKENIZERS[kind, True].encode(text) == []
    assert TOKENIZERS[kind, True].decode([]) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_control_characters_and_breaks_separate_words(kind: Kind) -> None:
    tokenizer = TOKENIZERS[kind, True]
    assert (
        tokenizer.decode(tokenizer.encode("cat\x00sat<br/>on\u00a0the<br   />\u2581\r\nmat"))
        == "cat sat on the mat"
    )


def test_lowercase_is_a_choice() -> None:
    for kind in KINDS:
        assert TOKENIZERS[kind, True].encode("The CAT") == TOKENIZERS[kind, True].encode("the cat")
        assert TOKENIZERS[kind, False].encode("The") != TOKENIZERS[kind, False].encode("the")


def test_words_keep_apostrophes_and_marks_stand_alone() -> None:
    tokenizer = TOKENIZERS["word", True]
    assert tokenizer.tokens(tokenizer.encode("Don't sat, the DOG'S life!")) == [
        *["don't", "sat", ",", "the", "dog's", "life", "!"]
    ]
    curly = trained("word", texts=["don\u2019t"])
    assert curly.tokens(curly.encode("Don\u2019t")) == ["don\u2019t"]


def test_words_of_other_scripts_stay_whole() -> None:
    """Vowel signs are marks, not letters: they must not split a word."""
    tokenizer = TOKENIZERS["word", True]
    assert tokenizer.tokens(tokenizer.encode(DEVANAGARI)) == ["नमस्ते", "दुनिया", ",", "क्षितिज", "।"]
    assert tokenizer.tokens(tokenizer.encode("cat👍😀")) == ["cat", "👍", "😀"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_training_never_saw_is_unknown(kind: Kind) -> None:
    tokenizer = TOKENIZERS[kind, True]
    assert UNK in tokenizer.encode("漢")
    assert "<unk>" in tokenizer.decode(tokenizer.encode("cat 漢"))
    assert UNK not in tokenizer.encode("cat")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("vocabulary", [8, 23, 101])
def test_vocabulary_is_a_limit_also_for_many_characters(kind: Kind, vocabulary: int) -> None:
    tokenizer = trained(kind, vocabulary=vocabulary)
    assert tokenizer.size <= vocabulary
    assert tokenizer.tokens([PAD, UNK, BOS, EOS]) == ["<pad>", "<unk>", "<s>", "</s>"]


def test_rare_words_are_left_out() -> None:
    texts = ["often often", "often once"]
    tokenizer = Tokenizer.train(texts, kind="word", vocabulary=50, minimum_frequency=2, lowercase=True)
    assert tokenizer.size == 5
    assert tokenizer.encode("often once") == [4, UNK]


@pytest.mark.parametrize("kind", KINDS)
def test_json_holds_all_of_it(kind: Kind) -> None:
    tokenizer = TOKENIZERS[kind, True]
    again = Tokenizer.from_json(tokenizer.to_json())
    assert again.to_json() == tokenizer.to_json()
    assert [again.encode(text) for text in TEXTS] == [tokenizer.encode(text) for text in TEXTS]
    assert trained(kind).to_json() == tokenizer.to_json()


def test_what_is_no_tokenizer_is_refused() -> None:
    with pytest.raises(
        UserError, match=r"tokenizer: not readable \(.*\); take the file that came with the model"
    ):
        Tokenizer.from_json('{"version": "1.0"}')


def test_ids_may_come_from_the_token_store() -> None:
    tokenizer = TOKENIZERS["bpe", True]
    ids = np.array(tokenizer.encode("the cat"), dtype=np.uint16)
    assert tokenizer.decode(ids) == "the cat"
