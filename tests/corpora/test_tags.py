import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from pipeline.config.schema.corpora import TagsCorpus
from pipeline.corpora import download, ud_ewt
from pipeline.corpora.embedded import tag_lexicon, tags
from pipeline.corpora.embedded.tag_lexicon import READINGS, VOCABULARY, Reading
from pipeline.corpora.embedded.tags import (
    AMBIGUOUS_WORDS,
    Decision,
    decisions,
    document_of,
    generate,
    local_of,
    minimal_pairs,
    ner_of,
    pair_of,
    upos_of,
)

SIZES = {"train": 53, "validation": 7, "test": 31}


def _corpus(**settings: Any) -> TagsCorpus:
    return TagsCorpus.model_validate({"reader": "tags", "sizes": SIZES} | settings)


@pytest.fixture(scope="module")
def default() -> dict[str, pa.Table]:
    return generate(TagsCorpus(reader="tags"))


knobs = st.fixed_dictionaries({"seed": st.integers(0, 999), "distance": st.integers(1, 5)})


# --------------------------------------------------------------------------------- hand-made truth


TAIL = "near/ADP the/DET lake/NOUN ./PUNCT"


@pytest.mark.parametrize(
    "tagged",
    [
        f"mark/PROPN/B-PER once/ADV again/ADV sings/VERB {TAIL}",
        f"mark/PROPN/B-ORG merges/VERB {TAIL}",
        f"mark/PROPN/B-LOC floods/VERB {TAIL}",
        f"mark/NOUN rusts/VERB {TAIL}",
        f"mark/VERB it/PRON {TAIL}",
        f"captain/NOUN mark/PROPN/B-PER {TAIL}",
        f"firm/NOUN again/ADV mark/PROPN/B-ORG {TAIL}",
        f"island/NOUN mark/PROPN/B-LOC {TAIL}",
        f"no/DET mark/NOUN {TAIL}",
        f"must/AUX mark/VERB {TAIL}",
        "acme/PROPN/B-ORG group/PROPN/I-ORG waits/VERB while/SCONJ oslo/PROPN/B-LOC heights/PROPN/I-LOC "
        "stays/VERB but/CCONJ peter/PROPN/B-PER moves/VERB ;/PUNCT rain/NOUN changes/VERB",
        "ford/VERB it/PRON ,/PUNCT ford/PROPN/B-LOC thaws/VERB and/CCONJ uncle/NOUN ford/PROPN/B-PER",
    ],
)
def test_tags_by_hand(tagged: str) -> None:
    cells = [[*word.split("/"), "O"][:3] for word in tagged.split()]
    tokens, upos, ner = (list(column) for column in zip(*cells, strict=True))
    assert upos_of(tokens) == upos
    assert ner_of(tokens) == ner


def test_labels_for_probes_by_hand() -> None:
    tokens = ["mark", "sings", "near", "the", "lake", ";", "it", "changes"]
    assert local_of(tokens) == ["middle", "middle", "middle", "short", "middle", "short", "short", "long"]
    expected = ["longer", "longer", "shorter", "shorter", "longer", "shorter", "longer", "longer"]
    assert pair_of(tokens) == expected
    assert pair_of(["lake", "hill"]) == ["longer", "equal"]
    assert document_of(["near", "the", "lake", "and", "bay", "behind", "hill"]) == "water"
    assert document_of(["near", "the", "hill", "and", "bay", "behind", "farm"]) == "land"


def test_decisions_by_hand() -> None:
    tokens = ["bill", "in", "the", "end", "dances", ",", "no", "again", "page", ";", "rain", "waits"]
    found = decisions(tokens)
    assert found == [Decision(0, 4, Reading("PROPN", "B-PER")), Decision(8, 6, Reading("NOUN", "O"))]
    assert [decision.distance for decision in found] == [4, -2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mark once again near the lake .", r"word 0 \(mark\) has 0 deciders"),
        ("rain ; mark , sings", r"word 2 \(mark\) has 0 deciders"),
        ("mark sings it", r"word 0 \(mark\) has 2 deciders"),
        ("sings mark", r"word 1 \(mark\) has 0 deciders"),
        ("mark unicorn", "word 1 is 'unicorn', which isn't of this grammar"),
    ],
)
def test_other_texts_are_refused(text: str, message: str) -> None:
    for truth in (decisions, upos_of, ner_of):
        with pytest.raises(ValueError, match=message):
            truth(text.split())


# --------------------------------------------------------------------------------------- lexicon


def test_every_word_has_one_meaning_but_the_ambiguous() -> None:
    words = [word for words in tag_lexicon.UPOS_WORDS.values() for word in words.split()]
    assert len(words) == len(set(words))
    assert AMBIGUOUS_WORDS.isdisjoint(words)
    assert 100 <= len(VOCABULARY) <= 300
    deciders = [
        word
        for readings in tag_lexicon.DECIDERS.values()
        for words in readings.values()
        for word in words.split()
    ]
    assert len(deciders) == len(set(deciders)) == 60
    others = [
        tag_lexicon.PREPOSITIONS,
        tag_lexicon.NOUNS,
        tag_lexicon.VERBS,
        "the",
        *tag_lexicon.THEMES.values(),
        *tag_lexicon.JOINTS,
    ]
    others += [filler for fillers in tag_lexicon.FILLERS for filler in fillers]
    others += [words for both in tag_lexicon.NAMES.values() for words in both]
    assert {word for words in others for word in words.split()}.isdisjoint([*deciders, *AMBIGUOUS_WORDS])
    for words, fillers in enumerate(tag_lexicon.FILLERS):
        assert {len(filler.split()) for filler in fillers} == {words}


# ------------------------------------------------------------------------------ generated corpora


@settings(max_examples=25)
@given(knobs)
def test_promised_truth_holds(knobs: dict[str, Any]) -> None:
    for name, table in generate(_corpus(**knobs)).items():
        assert table.num_rows == SIZES[name]
        for row in table.to_pylist():
            tokens = row["tokens"]
            assert row["upos"] == upos_of(tokens)
            assert row["ner"] == ner_of(tokens)
            assert row["local"] == local_of(tokens)
            assert row["pair"] == pair_of(tokens)
            assert row["document"] == document_of(tokens)
            assert sum(token in tag_lexicon.THEME_OF for token in tokens) == 3  # odd: never a tie
            found = decisions(tokens)
            assert [decision.position for decision in found] == [
                place for place, token in enumerate(tokens) if token in AMBIGUOUS_WORDS
            ]
            later, earlier = sorted(found, key=lambda decision: -decision.distance)
            assert 1 <= later.distance <= knobs["distance"]
            assert 1 <= -earlier.distance <= knobs["distance"]


@settings(max_examples=25)
@given(knobs, st.sampled_from(READINGS), st.integers(0, 30))
def test_only_its_decider_decides_a_word(knobs: dict[str, Any], reading: Reading, row: int) -> None:
    """Another decider changes the tags as promised; every other word may go without changing them."""
    tokens = generate(_corpus(**knobs))["test"]["tokens"][row].as_py()
    for decision in decisions(tokens):
        side = "later" if decision.distance > 0 else "earlier"
        changed = list(tokens)
        changed[decision.decider] = tag_lexicon.DECIDERS[side][reading].split()[0]
        assert upos_of(changed)[decision.position] == reading.upos
        assert ner_of(changed)[decision.position] == reading.ner
        bare = [tokens[place] for place in sorted((decision.position, decision.decider))]
        place = bare.index(tokens[decision.position])
        assert (upos_of(bare)[place], ner_of(bare)[place]) == decision.reading


@settings(max_examples=10)
@given(knobs)
def test_same_seed_same_corpus_and_no_sentence_twice(knobs: dict[str, Any]) -> None:
    tables = generate(_corpus(**knobs))
    assert tables == generate(_corpus(**knobs))
    assert tables != generate(_corpus(**knobs | {"seed": knobs["seed"] + 1}))
    texts = [tuple(tokens) for table in tables.values() for tokens in table["tokens"].to_pylist()]
    assert len(texts) == len(set(texts)) == sum(SIZES.values())


def test_a_sentence_drawn_twice_is_kept_once(monkeypatch: pytest.MonkeyPatch) -> None:
    draw, drawn = tags._Maker._sentence, []

    def twice(maker: Any, wanted: Any) -> list[str]:
        drawn.append(draw(maker, wanted) if len(drawn) % 2 == 0 else drawn[-1])
        return list(drawn[-1])

    monkeypatch.setattr(tags._Maker, "_sentence", twice)
    texts = [tuple(t) for table in generate(_corpus()).values() for t in table["tokens"].to_pylist()]
    assert len(texts) == len(set(texts)) == sum(SIZES.values()) < len(drawn)


def test_sizes_splits_and_vocabulary(default: dict[str, pa.Table]) -> None:
    assert {name: table.num_rows for name, table in default.items()} == {
        "train": 2000,
        "validation": 300,
        "test": 1000,
    }
    texts = {name: set(map(tuple, table["tokens"].to_pylist())) for name, table in default.items()}
    assert all(texts[one].isdisjoint(texts[other]) for one, other in combinations(texts, 2))
    words = {word for split in texts.values() for tokens in split for word in tokens}
    assert words == VOCABULARY
    ids = [name for table in default.values() for name in table["sent_id"].to_pylist()]
    assert len(ids) == len(set(ids))


def test_columns_are_those_of_ud_ewt_and_three_more(tmp_path: Path) -> None:
    provenance = download("words", _corpus(), tmp_path / "out")
    assert provenance["source"] == "generated"
    schema = pq.read_schema(tmp_path / "out/train.parquet")
    assert schema.names == [*ud_ewt.SCHEMA.names, "local", "pair", "document"]
    for name in ud_ewt.SCHEMA.names:
        assert tags.SCHEMA.field(name) == ud_ewt.SCHEMA.field(name)
    assert frozenset(tag_lexicon.UPOS_WORDS) <= ud_ewt.UPOS
    values = tags.splits(_corpus())[0].values
    assert values["ner"] == ud_ewt.NER


def test_nothing_before_its_decider_tells_a_later_word(default: dict[str, pa.Table]) -> None:
    """Word, word before, length of the filler and the other reading are independent of the reading."""
    counts: dict[str, Counter[tuple[Any, Reading]]] = {}
    for tokens in default["train"]["tokens"].to_pylist():
        later, earlier = sorted(decisions(tokens), key=lambda decision: -decision.distance)
        before = tokens[later.position - 1] if later.position else "^"
        signs = {
            "word": tokens[later.position],
            "before": before,
            "distance": later.distance,
            "other": earlier.reading,
            "place": later.position,
        }
        for sign, value in signs.items():
            counts.setdefault(sign, Counter())[value, later.reading] += 1
    for sign, counter in counts.items():
        values = {value for value, _ in counter}
        table = [[counter[value, reading] for reading in READINGS] for value in values]
        frequent = [row for row in table if sum(row) >= 25]
        assert len(frequent) >= 5
        assert chi2_contingency(frequent).pvalue > 0.01, sign
    priors = Counter[Reading]()
    for (_, reading), count in counts["word"].items():
        priors[reading] += count
    assert all(0.17 < priors[reading] / 2000 < 0.23 for reading in READINGS)


def test_clauses_come_in_any_order(default: dict[str, pa.Table]) -> None:
    found = [decisions(tokens) for tokens in default["train"]["tokens"].to_pylist()]
    assert 0.45 < sum(first.distance > 0 for first, _ in found) / len(found) < 0.55
    assert 0.28 < sum(first.position == 0 for first, _ in found) / len(found) < 0.38


def test_labels_for_probes_are_not_one_sided(default: dict[str, pa.Table]) -> None:
    for column, least in {"local": 0.2, "pair": 0.1}.items():
        counts = Counter(label for row in default["train"][column].to_pylist() for label in row)
        assert len(counts) == 3
        assert min(counts.values()) / counts.total() > least
    assert 0.45 < default["train"]["document"].to_pylist().count("water") / 2000 < 0.55


# ---------------------------------------------------------------------------------- minimal pairs


@settings(max_examples=15)
@given(knobs, st.sampled_from(["later", "earlier"]))
def test_minimal_pairs_differ_in_the_decider_only(knobs: dict[str, Any], side: Any) -> None:
    corpus = _corpus(**knobs)
    seen = {tuple(t) for table in generate(corpus).values() for t in table["tokens"].to_pylist()}
    pairs = list(minimal_pairs(corpus, side=side, repeats=3))
    assert pairs == list(minimal_pairs(corpus, side=side, repeats=3))
    for pair in pairs:
        first, second = pair.sentences
        decider = pair.position + (pair.distance if side == "later" else -pair.distance)
        assert len(first) == len(second)
        assert [place for place in range(len(first)) if first[place] != second[place]] == [decider]
        truth = {"upos": upos_of, "ner": ner_of}[pair.column]
        assert pair.tags == (truth(first)[pair.position], truth(second)[pair.position])
        assert pair.tags[0] != pair.tags[1]
        assert first[pair.position] in AMBIGUOUS_WORDS
        for tokens in pair.sentences:
            assert tuple(tokens) not in seen
            seen.add(tuple(tokens))
    cells = Counter((pair.column, frozenset(pair.tags), pair.distance) for pair in pairs)
    assert len(cells) == 6 * knobs["distance"]
    assert set(cells.values()) == {3}
    assert {distance for *_, distance in cells} == set(range(1, knobs["distance"] + 1))
    assert {column for column, *_ in cells} == {"upos", "ner"}


def test_minimal_pairs_know_every_sentence_of_the_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    makers = []
    make = tags._Maker.new_pair
    monkeypatch.setattr(tags._Maker, "new_pair", lambda *args: makers.append(args[0]) or make(*args))
    next(minimal_pairs(_corpus()))
    texts = {tuple(t) for table in generate(_corpus()).values() for t in table["tokens"].to_pylist()}
    assert len(texts) == sum(SIZES.values())
    assert texts < makers[0]._seen


@pytest.mark.parametrize(("side", "ceiling"), [("later", 0.5), ("earlier", 1.0)])
def test_the_best_that_reads_left_to_right(side: Any, ceiling: float) -> None:
    """It knows the pair's two tags and gives one to each beginning that it can tell apart."""
    pairs = list(minimal_pairs(_corpus(), side=side))
    assert len(pairs) == 300
    right = 0
    for pair in pairs:
        answers: dict[tuple[str, ...], Counter[str]] = {}
        for tokens, tag in zip(pair.sentences, pair.tags, strict=True):
            answers.setdefault(tuple(tokens[: pair.position + 1]), Counter())[tag] += 1
        right += sum(max(counter.values()) for counter in answers.values())
    assert right / (2 * len(pairs)) == ceiling
    assert 110 < sum(pair.tags[0] < pair.tags[1] for pair in pairs) < 190  # no tag comes first by rule


def test_generating_needs_no_http_client() -> None:
    code = "import sys, pipeline.corpora.embedded; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
