"""BLEU over the words of a language: sacreBLEU's own numbers, several references, the danda apart."""

import math

import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metrics.translation import BUCKETS, bleu, bleu_by_length, length_ratio
from pipeline.metrics.word_scores import WordScorer

FRENCH, HINDI = WordScorer("fr", lowercase=True), WordScorer("hi", lowercase=True)

sentence = st.lists(st.sampled_from(["le", "chat", "dort", ".", "Ici"]), min_size=1, max_size=23).map(
    " ".join
)
pairs = st.lists(
    st.tuples(sentence, st.lists(sentence, min_size=1, max_size=4), sentence), min_size=1, max_size=7
)


@given(pairs)
def test_where_13a_knows_the_marks_scores_are_the_usual_ones(rows: list[tuple[str, list[str], str]]) -> None:
    hypotheses, references, sources = (list(column) for column in zip(*rows, strict=True))
    assert FRENCH.bleu(hypotheses, references) == bleu(hypotheses, references, lowercase=True)
    assert FRENCH.bleu_by_length(hypotheses, references, sources) == bleu_by_length(
        hypotheses, references, sources, lowercase=True
    )
    assert FRENCH.length_ratio(hypotheses, references).value == length_ratio(hypotheses, references).value


def test_a_danda_is_a_word_of_its_own() -> None:
    """Four words and the danda, of which three words and the danda are right, in one run of two and one."""
    glued, apart = "क ख ग घ।", "क ख ग घ ।"
    assert HINDI.bleu([apart], [[glued]]).value == pytest.approx(100)
    assert bleu([apart], [[glued]]).value < 50
    assert HINDI.length_ratio(["क ख ।"], [[glued]]).value == pytest.approx(3 / 5)
    # 1- to 4-grams: 4 of 5, 3 of 4, 2 of 3, 1 of 2.
    expected = (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** (1 / 4)
    assert HINDI.bleu(["क ख ग घ ."], [[glued]]).value == pytest.approx(100 * expected)


def test_unequal_numbers_of_references_by_hand() -> None:
    """Clipped 1- to 4-grams over both sentences: 6 of 7, 4 of 5, 2 of 3, 1 of 1; both lengths are met."""
    found = HINDI.bleu(["a b c d", "e f x"], [["a b", "a b c d", "d"], ["e f g"]])
    assert found.value == pytest.approx(100 * (6 / 7 * 4 / 5 * 2 / 3 * 1) ** (1 / 4))
    version = sacrebleu.__version__
    assert found.signature == f"nrefs:var|case:lc|eff:no|tok:intl|smooth:exp|version:{version}"
    # The nearest reference counts: 4 words of 4, 3 of 3.
    ratio = HINDI.length_ratio(["a b c d", "e f x"], [["a b", "a b c d", "d"], ["e f g"]])
    assert ratio.value == 1
    assert "tok:intl" in ratio.signature


def test_case_counts_where_the_dataset_says_so() -> None:
    assert WordScorer("fr", lowercase=False).bleu(["Le chat dort ici"], [["le chat dort ici"]]).value < 100
    assert FRENCH.bleu(["Le chat dort ici"], [["le chat dort ici"]]).value == pytest.approx(100)


def test_buckets_without_sentences_have_no_score() -> None:
    buckets = HINDI.bleu_by_length(["a b c d", "x"], [["a b c d"], ["y"]], ["one two", " ".join("w" * 11)])
    assert [(bucket.low, bucket.high) for bucket in buckets] == BUCKETS
    assert [bucket.sentences for bucket in buckets] == [1, 0, 1, 0, 0]
    assert buckets[0].bleu == pytest.approx(100)
    assert buckets[1].bleu is None
    assert buckets[2].bleu == pytest.approx(0)


@pytest.mark.parametrize(
    ("hypotheses", "references"), [([], []), (["a"], []), (["a"], [[]]), (["a"], [["a"], ["b"]])]
)
def test_every_sentence_needs_a_reference(hypotheses: list[str], references: list[list[str]]) -> None:
    for score in (HINDI.bleu, HINDI.length_ratio):
        with pytest.raises(ValueError, match=r"sentences to score|at least one reference"):
            score(hypotheses, references)


def test_a_perfect_score_is_finite() -> None:
    assert math.isfinite(HINDI.bleu(["क"], [["क"]]).value)
