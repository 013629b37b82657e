"""CIDEr-D and BLEU-4 on captions whose scores follow by hand, and which words are said."""

from math import exp, sqrt

import pytest

from pipeline.metrics.caption_words import named
from pipeline.metrics.captioning import cider, distinct, scores

OTHER = ["v w x y z"]
"""References of a second picture, which share no word with the first's: each n-gram weighs log 2."""


@pytest.mark.parametrize(
    ("caption", "reference", "expected"),
    [
        ("a b c d e", "a b c d e", 10),
        # No 4-gram at all: three of four similarities are 1.
        ("a b c", "a b c", 7.5),
        ("p q r s", "a b c d", 0),
        # One of two words; the bigrams differ.
        ("a b", "a c", 10 / 4 / 2),
        # 1/sqrt 3 of the unigrams; two bigrams more than the reference.
        ("a b c", "a", 10 / 4 / sqrt(3) * exp(-4 / (2 * 6**2))),
        # A word four times counts once, as in the reference.
        ("a a a a", "a b c d", 10 / 4 * 1 / (4 * 2)),
    ],
)
def test_cider_by_hand(caption: str, reference: str, expected: float) -> None:
    found = cider([caption, "nothing"], [[reference], OTHER], lowercase=True)
    assert found.value == pytest.approx(expected / 2, abs=1e-6)


def test_cider_is_the_mean_over_references_and_ignores_what_all_pictures_have() -> None:
    references = [["a b", "a c"], ["a z", "a y"]]
    # Of the unigrams b alone counts: 1 with the first reference, 0 with the second; so do the bigrams.
    found = cider(["a b", "q"], references, lowercase=True)
    assert found.value == pytest.approx(10 / 4 * (1 + 1) / 2 / 2, abs=1e-6)
    assert found.signature.startswith("CIDEr-D|nrefs:2|case:lc|tok:13a|pycocoevalcap:")
    assert "nrefs:var" in cider(["a", "q"], [["a"], ["b", "c"]], lowercase=True).signature


def test_case_and_marks() -> None:
    references = [["A dog, here."], OTHER]
    captions = ["a Dog , here .", "none"]
    assert cider(captions, references, lowercase=True).value == pytest.approx(5)
    assert cider(captions, references, lowercase=False).value < 4


def test_bleu_has_four_precisions_and_the_nearest_length() -> None:
    found = scores(["a b c d e"], [["a b c d f", "p q r s t u v"]], lowercase=True)
    assert list(found) == ["cider", "bleu", "length_ratio", "distinct"]
    assert found["bleu"].value == pytest.approx(100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)
    assert found["length_ratio"].value == pytest.approx(1)
    short = scores(["a b c d"], [["a b c d e"]], lowercase=True)
    assert short["bleu"].value == pytest.approx(100 * exp(1 - 5 / 4))


def test_distinct_is_the_share_of_captions_said_once() -> None:
    assert distinct(["a", "b", "a", "c"]).value == 0.5


@pytest.mark.parametrize(("captions", "references"), [([], []), (["a"], []), (["a", "b"], [["a"], []])])
def test_captions_without_references_are_refused(captions: list[str], references: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="need as many lists of at least one reference"):
        cider(captions, references, lowercase=True)


def test_words_that_most_references_have() -> None:
    references = [
        ["The dog runs", "a dog , running", "a brown dog"],
        ["a dog and a cat", "dog and cat", "two animals"],
        ["a cat", "the cat sits", "a dog"],
    ]
    found = {word.word: word for word in named(["a dog", "a dog", "a dog"], references, lowercase=True)}
    # Most references of two pictures have each; articles and marks aren't looked for.
    assert set(found) == {"dog", "cat"}
    assert (found["dog"].pictures, found["dog"].recall) == (2, 1.0)
    assert found["dog"].precision == pytest.approx(2 / 3)
    assert (found["cat"].pictures, found["cat"].recall, found["cat"].precision) == (2, 0.0, None)
