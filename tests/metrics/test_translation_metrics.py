import math

import pytest
import sacrebleu

from pipeline.metrics.translation import bleu, bleu_by_length, chrf, length_ratio, tokenisation

HYPOTHESES = ["the cat sat on the mat .", "A Dog runs in the park"]
REFERENCES = [["the cat sat on the mat ."], ["a dog runs in the park today"]]


def test_perfect_translation():
    same = [each[0] for each in REFERENCES]
    assert bleu(same, REFERENCES).value == pytest.approx(100)
    assert chrf(same, REFERENCES).value == pytest.approx(100)
    assert length_ratio(same, REFERENCES).value == pytest.approx(1)


def test_bleu_by_hand():
    # Matches of 1- to 4-grams: 4 of 5, 3 of 4, 2 of 3, 1 of 2; the reference has one word more.
    found = bleu(["a b c d x"], [["a b c d e f"]]).value
    precision = (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** (1 / 4)
    assert found == pytest.approx(100 * math.exp(1 - 6 / 5) * precision)


def test_case_counts_unless_told_otherwise():
    assert bleu(HYPOTHESES, REFERENCES).value < bleu(HYPOTHESES, REFERENCES, lowercase=True).value
    assert chrf(HYPOTHESES, REFERENCES).value < chrf(HYPOTHESES, REFERENCES, lowercase=True).value


def test_signatures_say_version_case_and_references():
    assert bleu(HYPOTHESES, REFERENCES, lowercase=True).signature == (
        f"nrefs:1|case:lc|eff:no|tok:13a|smooth:exp|version:{sacrebleu.__version__}"
    )
    assert "case:mixed" in bleu(HYPOTHESES, REFERENCES).signature
    assert chrf(HYPOTHESES, REFERENCES).signature.startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0")


def test_sentences_may_have_unequal_numbers_of_references():
    several = [["the cat is here .", *REFERENCES[0], "there is a cat ."], REFERENCES[1]]
    found = bleu(HYPOTHESES, several)
    assert found.value >= bleu(HYPOTHESES, REFERENCES).value
    assert found.signature.startswith("nrefs:var|")
    assert bleu([several[0][2], several[1][0]], several).value == pytest.approx(100)


def test_length_ratio_counts_words():
    assert length_ratio(["a b c"], [["a b c d", "a b c d e f g"]]).value == pytest.approx(3 / 4)


def test_bleu_by_length_scores_each_bucket_as_a_corpus():
    sources = ["w " * n for n in (3, 5, 6, 20, 21, 47)]
    references = [["a b c d e f"]] * 6
    hypotheses = ["a b c d e f", "a b c d x y", *["a b c d e f"] * 3, "a b c x e f"]
    buckets = {bucket.name: bucket for bucket in bleu_by_length(hypotheses, references, sources)}
    assert {name: bucket.sentences for name, bucket in buckets.items()} == {
        "1-5": 2,
        "6-10": 1,
        "11-15": 0,
        "16-20": 1,
        "21+": 2,
    }
    assert buckets["1-5"].bleu == pytest.approx(bleu(hypotheses[:2], references[:2]).value)
    assert buckets["16-20"].bleu == pytest.approx(100)
    assert buckets["11-15"].bleu is None
    assert (buckets["21+"].low, buckets["21+"].high) == (21, None)


def test_an_empty_source_counts_as_the_shortest():
    assert bleu_by_length([""], [["a"]], [""])[0].sentences == 1


@pytest.mark.parametrize("metric", [bleu, chrf, length_ratio])
def test_wrong_input_is_refused(metric):
    with pytest.raises(ValueError, match="no sentences"):
        metric([], [])
    with pytest.raises(ValueError, match="2 hypotheses need as many lists"):
        metric(["a", "b"], [["a"]])
    with pytest.raises(ValueError, match="at least one reference"):
        metric(["a", "b"], [["a"], []])


def test_an_empty_hypothesis_scores_nothing():
    assert bleu([""], [["a b c d"]]).value == 0


def test_a_danda_is_a_word_of_its_own():
    """Four words and the danda, of which three words and the danda are right, in one run of two and one."""
    glued, apart, words = "क ख ग घ।", "क ख ग घ ।", tokenisation("hi")
    assert bleu([apart], [[glued]], tokenize=words).value == pytest.approx(100)
    assert bleu([apart], [[glued]], tokenize=tokenisation("fr")).value < 50
    assert length_ratio(["क ख ।"], [[glued]], tokenize=words).value == pytest.approx(3 / 5)
    # 1- to 4-grams: 4 of 5, 3 of 4, 2 of 3, 1 of 2.
    expected = (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** (1 / 4)
    assert bleu(["क ख ग घ ."], [[glued]], tokenize=words).value == pytest.approx(100 * expected)
    assert bleu_by_length([apart], [[glued]], ["a b c d"], tokenize=words)[0].bleu == pytest.approx(100)


def test_unequal_numbers_of_references_by_hand():
    """Clipped 1- to 4-grams over both sentences: 6 of 7, 4 of 5, 2 of 3, 1 of 1; both lengths are met."""
    hypotheses, references = ["a b c d", "e f x"], [["a b", "a b c d", "d"], ["e f g"]]
    found = bleu(hypotheses, references, tokenize="intl")
    assert found.value == pytest.approx(100 * (6 / 7 * 4 / 5 * 2 / 3 * 1) ** (1 / 4))
    assert found.signature.startswith("nrefs:var|")
    # The nearest reference counts: 4 words of 4, 3 of 3.
    ratio = length_ratio(hypotheses, references, tokenize="intl")
    assert ratio.value == 1
    assert "tok:intl" in ratio.signature
