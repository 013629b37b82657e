import re
from collections import Counter
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, ks_2samp

from pipeline.config.schema.corpora import ReviewsCorpus
from pipeline.corpora.embedded import reviews
from pipeline.corpora.embedded.reviews import ORDER_PAIRS, RATINGS, generate, label_of, phrases_of, rating_of
from pipeline.errors import UserError

SIZES = {"train": 53, "validation": 7, "test": 31}


def _corpus(**settings: Any) -> ReviewsCorpus:
    return ReviewsCorpus.model_validate({"reader": "reviews", "sizes": SIZES, "unsupervised": 41} | settings)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@pytest.fixture(scope="module")
def default() -> dict[str, pa.Table]:
    return generate(ReviewsCorpus(reader="reviews"))


knobs = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 999),
        "position": st.sampled_from(["start", "middle", "end", "anywhere"]),
        "phrases": st.integers(1, 10),
        "min_length": st.integers(5, 40),
        "max_length": st.integers(47, 101),
    }
)


@settings(max_examples=25, deadline=None)
@given(knobs)
def test_label_rating_length_and_position_are_as_promised(knobs: dict[str, Any]) -> None:
    tables = generate(_corpus(**knobs))
    shortest = max(knobs["min_length"], 4 * knobs["phrases"])
    for split in SIZES:
        for row in tables[split].to_pylist():
            text = row["text"]
            assert (label_of(text), rating_of(text)) == (row["label"], row["rating"])
            assert {RATINGS[phrase] > 5 for phrase in phrases_of(text)} == {row["label"] == 1}
            assert len(phrases_of(text)) == knobs["phrases"]
            assert shortest <= len(text.split()) <= knobs["max_length"]
            sentences = text.removesuffix(".").split(". ")
            places = [place for place, sentence in enumerate(sentences) if sentence in RATINGS]
            before, after = places[0], len(sentences) - 1 - places[-1]
            match knobs["position"]:
                case "start":
                    assert before == 0
                    assert places[-1] == knobs["phrases"] - 1
                case "end":
                    assert after == 0
                    assert places[0] == len(sentences) - knobs["phrases"]
                case "middle":
                    assert 0 <= after - before <= 1
    assert set(tables["unsupervised"]["label"].to_pylist()) == {-1}
    assert tables["unsupervised"].column_names == ["text", "label"]


@settings(max_examples=10, deadline=None)
@given(knobs)
def test_same_seed_same_corpus_and_no_text_twice(knobs: dict[str, Any]) -> None:
    tables = generate(_corpus(**knobs))
    assert tables == generate(_corpus(**knobs))
    assert tables != generate(_corpus(**knobs | {"seed": knobs["seed"] + 1}))
    texts = [text for table in tables.values() for text in table["text"].to_pylist()]
    assert len(texts) == len(set(texts)) == sum(SIZES.values()) + 41


def test_order_pairs_are_equal_bags_with_opposite_labels_and_mirrored_ratings() -> None:
    assert len(ORDER_PAIRS) == 8
    assert ("not bad, good", "not good, bad") in ORDER_PAIRS
    for positive, negative in ORDER_PAIRS:
        assert Counter(_words(positive)) == Counter(_words(negative))
        assert (label_of(f"{positive}."), label_of(f"{negative}.")) == (1, 0)
        assert RATINGS[positive] + RATINGS[negative] == 11


def test_phrases() -> None:
    assert len(RATINGS) == 40
    lengths = {
        sign: Counter(len(p.split()) for p, r in RATINGS.items() if (r > 5) == sign) for sign in (True, False)
    }
    assert lengths[True] == lengths[False]
    assert Counter(RATINGS.values()) == dict.fromkeys([1, 2, 3, 4, 7, 8, 9, 10], 5)


def test_strongest_phrase_decides_the_rating() -> None:
    assert rating_of("quite likeable. later. utterly superb. meanwhile.") == 10
    assert rating_of("a slight letdown. utterly awful.") == 1
    with pytest.raises(ValueError, match="empty"):
        rating_of("meanwhile.")


def test_sizes_and_vocabulary(default: dict[str, pa.Table]) -> None:
    assert {name: table.num_rows for name, table in default.items()} == {
        "train": 2000,
        "validation": 300,
        "test": 1000,
        "unsupervised": 5000,
    }
    vocabulary = {
        word for table in default.values() for text in table["text"].to_pylist() for word in _words(text)
    }
    assert 100 <= len(vocabulary) <= 300
    assert Counter(default["train"]["label"].to_pylist()) == {0: 1000, 1: 1000}


def test_length_position_and_filler_do_not_tell_the_label(default: dict[str, pa.Table]) -> None:
    rows = default["train"].to_pylist() + default["test"].to_pylist()
    lengths: dict[int, list[int]] = {0: [], 1: []}
    places: dict[int, list[float]] = {0: [], 1: []}
    filler: dict[int, Counter[str]] = {0: Counter(), 1: Counter()}
    for row in rows:
        sentences = row["text"].removesuffix(".").split(". ")
        lengths[row["label"]].append(len(row["text"].split()))
        places[row["label"]].append(sentences.index(phrases_of(row["text"])[0]) / len(sentences))
        filler[row["label"]].update(
            s for sentence in sentences if sentence not in RATINGS for s in sentence.split()
        )
    assert ks_2samp(lengths[0], lengths[1]).pvalue > 0.01
    assert ks_2samp(places[0], places[1]).pvalue > 0.01
    words = sorted(filler[0] | filler[1])
    assert chi2_contingency([[filler[label][word] for word in words] for label in (0, 1)]).pvalue > 0.01


def test_no_word_alone_decides(default: dict[str, pa.Table]) -> None:
    """Words of the order pairs are in reviews of both labels equally often."""
    counts: dict[str, Counter[int]] = {}
    for row in default["train"].to_pylist():
        for word in set(_words(row["text"])):
            counts.setdefault(word, Counter())[row["label"]] += 1
    for pair in reviews._OPPOSITES.values():
        for word in pair:
            share = counts[word][1] / counts[word].total()
            assert 0.4 < share < 0.6, word


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"max_length": 31, "phrases": 8},
            "max_length 31 can't hold .* 8 phrases .*; raise it to 32 or more",
        ),
        (
            {"max_length": 5, "unsupervised": 9999},
            "different reviews of 5-5 words found, more are needed; lower sizes",
        ),
    ],
)
def test_impossible_parameters(
    settings: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "TRIES", 20)
    with pytest.raises(UserError, match=message):
        generate(_corpus(**settings))


def test_splits_share_nothing(default: dict[str, pa.Table]) -> None:
    texts = {name: set(table["text"].to_pylist()) for name, table in default.items()}
    assert all(texts[one].isdisjoint(texts[other]) for one, other in combinations(texts, 2))
