import math
import random
import unicodedata
from collections import Counter
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.schema.corpora import TranslationCorpus
from pipeline.corpora.embedded.languages import LANGUAGES, Language
from pipeline.corpora.embedded.translation import LIMIT, NOTES, Translator, generate, parse_links, sample
from pipeline.errors import UserError

SIZES = {"train": 29, "validation": 5, "test": 11}
NATURAL = {"reordering": 6, "fertility": 2}


def _corpus(**settings: Any) -> TranslationCorpus:
    return TranslationCorpus.model_validate({"reader": "translation", "sizes": SIZES} | settings)


@pytest.fixture(scope="module")
def default() -> dict[str, pa.Table]:
    return generate(TranslationCorpus(reader="translation"))


@pytest.fixture(scope="module")
def natural() -> Translator:
    return Translator(_corpus(**NATURAL))


knobs = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 999),
        "joined": st.integers(1, 4),
        "reordering": st.integers(0, 6),
        "fertility": st.integers(0, 2),
        "lexicon": st.sampled_from(["shared", "disjoint"]),
    }
)


# --------------------------------------------------------------------------------- hand-made truth


@pytest.mark.parametrize(
    ("source", "language", "expected"),
    [
        ("the cat is on the mat", "hi", {"बिल्ली चटाई पर है": 0.6, "चटाई पर बिल्ली है": 0.4}),
        (
            "the cat is on the mat",
            "fr",
            {"le chat est sur le tapis": 2 / 3, "le chat se trouve sur le tapis": 1 / 3},
        ),
        ("turn off the lights", "fr", {"éteignez les lumières": 2 / 3, "coupez les lumières": 1 / 3}),
        (
            "think about it",
            "hi",
            {
                "इस के बारे में सोचो": 0.4,
                "सोचो इस के बारे में": 0.4 * 2 / 3,
                "इस के बारे में सोचिए": 0.2,
                "सोचिए इस के बारे में": 0.4 / 3,
            },
        ),
        ("a big girl dances", "fr", {"une grande fille danse": 1.0}),
        ("a big girl dances", "hi", {"एक बड़ी लड़की नाचती है": 0.6, "नाचती है एक बड़ी लड़की": 0.4}),
        (
            "the children sell the black shoes",
            "fr",
            {
                "les enfants vendent les chaussures noires": 2 / 3,
                "les enfants revendent les chaussures noires": 1 / 3,
            },
        ),
        (
            "the black dog is behind a small boy",
            "hi",
            {"काला कुत्ता एक छोटे लड़के के पीछे है": 0.6, "एक छोटे लड़के के पीछे काला कुत्ता है": 0.4},
        ),
    ],
)
def test_translations_by_hand(
    source: str, language: Language, expected: dict[str, float], natural: Translator
) -> None:
    found = natural.distribution(source, language)
    normal = {unicodedata.normalize("NFC", text): share for text, share in expected.items()}
    assert found == pytest.approx(normal)
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_knobs_by_hand() -> None:
    source = "the cat is under the black mat"
    plain = Translator(_corpus(reordering=0, fertility=0))
    assert plain.distribution(source, "fr") == pytest.approx(
        {"le chat est sous le noir tapis": 2 / 3, "le chat se sous le noir tapis": 1 / 3}
    )
    assert plain.distribution(source, "hi") == pytest.approx({"बिल्ली है के काली चटाई": 1.0})
    near = Translator(_corpus(reordering=1, fertility=1))
    assert near.distribution(source, "hi") == pytest.approx({"बिल्ली के नीचे है काली चटाई": 1.0})


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("the cat", "word 2 is the end; needs one of is, are"),
        ("the cat is on the unicorn", "word 5 is 'unicorn'; needs one of"),
        ("the children sell black shoes", "word 3 is 'black'; needs one of the, a"),
        ("cat", "word 0 is 'cat'; needs one of the, a"),
        ("think the cat", "word 1 is 'the'; needs one of about"),
    ],
)
def test_other_texts_are_refused(source: str, message: str, natural: Translator) -> None:
    with pytest.raises(ValueError, match=message):
        natural.distribution(source, "fr")


# -------------------------------------------------------------------------------------- properties


@settings(max_examples=30, deadline=None)
@given(knobs)
def test_distribution_sums_to_one_and_holds_every_reference(knobs: dict[str, Any]) -> None:
    corpus = _corpus(**knobs)
    translator = Translator(corpus)
    for row in generate(corpus)["test"].to_pylist():
        for language in LANGUAGES:
            truth = translator.distribution(row["en"], language)
            references = row[f"{language}_references"]
            assert 1 <= len(truth) <= LIMIT
            assert math.isclose(sum(truth.values()), 1, rel_tol=1e-9)
            assert set(references) <= set(truth)
            assert references[0] == row[language]
            assert 1 <= len(references) == len(set(references)) <= 4


@settings(max_examples=30, deadline=None)
@given(knobs)
def test_links_are_whole_and_keep_to_the_knobs(knobs: dict[str, Any]) -> None:
    corpus = _corpus(**knobs)
    for row in generate(corpus)["train"].to_pylist():
        source = row["en"].split()
        assert 3 <= len(source) <= 12 * knobs["joined"]
        for language in LANGUAGES:
            for text, notation in zip(row[f"{language}_references"], row[f"{language}_links"], strict=True):
                links = parse_links(notation)
                groups = [tuple(s for s, t in links if t == target) for target in range(len(text.split()))]
                assert all(groups), "every target word comes from somewhere"
                assert len(links) == sum(map(len, groups)), "no link leads elsewhere"
                silent = set(range(len(source))) - {s for s, _ in links}
                assert {source[s] for s in silent} <= ({"the"} if language == "hi" else set())
                assert max(Counter(groups).values()) <= 1 + knobs["fertility"]
                order = list(dict.fromkeys(groups))
                ranks = {group: rank for rank, group in enumerate(sorted(order))}
                assert all(
                    abs(place - ranks[group]) <= knobs["reordering"] for place, group in enumerate(order)
                )


@settings(max_examples=10, deadline=None)
@given(knobs)
def test_same_seed_same_corpus_and_no_source_twice(knobs: dict[str, Any]) -> None:
    tables = generate(_corpus(**knobs))
    assert tables == generate(_corpus(**knobs))
    assert tables != generate(_corpus(**knobs | {"seed": knobs["seed"] + 1}))
    sources = [source for table in tables.values() for source in table["en"].to_pylist()]
    assert len(sources) == len(set(sources)) == sum(SIZES.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_samples_follow_the_distribution(language: Language, natural: Translator) -> None:
    source, rng = "the woman sees a book in the garden now", random.Random(7)
    truth, derivations = natural.distribution(source, language), natural.derivations(source)[language]
    draws = 5000
    counts = Counter(sample(derivations, rng)[0].text for _ in range(draws))
    distance = sum(abs(counts[text] / draws - share) for text, share in truth.items()) / 2
    assert len(truth) >= 4
    assert distance < 0.03


# ----------------------------------------------------------------------------------------- corpora


def test_sizes_vocabulary_and_script(default: dict[str, pa.Table]) -> None:
    assert {name: table.num_rows for name, table in default.items()} == {
        "train": 2000,
        "validation": 300,
        "test": 1000,
    }
    for column in ("en", "fr", "hi"):
        texts = [text for table in default.values() for text in table[column].to_pylist()]
        assert 100 <= len({word for text in texts for word in text.split()}) <= 300
        assert all(unicodedata.is_normalized("NFC", text) for text in texts)
        if column == "hi":
            assert all("\u0900" <= letter <= "\u097f" or letter == " " for text in texts for letter in text)


def test_the_notes_examples_are_in_the_test_split_only(default: dict[str, pa.Table]) -> None:
    assert default["test"]["en"].to_pylist()[:3] == NOTES
    others = default["train"]["en"].to_pylist() + default["validation"]["en"].to_pylist()
    assert not set(NOTES) & set(others)
    known = {word for text in others for word in text.split()}
    assert {word for text in NOTES for word in text.split()} <= known


def test_some_rows_have_several_references(default: dict[str, pa.Table]) -> None:
    for language in LANGUAGES:
        counts = Counter(len(refs) for refs in default["train"][f"{language}_references"].to_pylist())
        assert set(counts) == {1, 2, 3, 4}
        assert 0.3 < counts[1] / 2000 < 0.7


def test_lexica_share_function_words_only() -> None:
    words = {}
    for lexicon in ("shared", "disjoint"):
        tables = generate(
            _corpus(lexicon=lexicon, sizes={"train": 1500, "validation": 1, "test": 3}, **NATURAL)
        )
        words[lexicon] = {
            column: {
                word
                for table in tables.values()
                for text in table[column].to_pylist()
                for word in text.split()
            }
            for column in ("en", "fr", "hi")
        }
    both = {column: words["shared"][column] & words["disjoint"][column] for column in ("en", "fr", "hi")}
    function = "a about are before behind in is it on the think under with"
    assert both["en"] - {"off"} == set(function.split())


def test_english_has_no_vowel_after_a(default: dict[str, pa.Table]) -> None:
    for text in default["train"]["en"].to_pylist():
        words = text.split()
        assert not any(one == "a" and two[0] in "aeiou" for one, two in pairwise(words))


def test_more_sentences_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.corpora.embedded.grammar.Grammar.make", lambda grammar, rng: NOTES[2])
    with pytest.raises(UserError, match="only 3 different sentences found; lower sizes or raise joined"):
        generate(_corpus())
