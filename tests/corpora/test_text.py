"""Generated running text: what is promised of it holds on what is made."""

import math

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.schema.corpora import Sizes, TextCorpus
from pipeline.corpora import canonical, ptb
from pipeline.corpora.canonical import checked
from pipeline.corpora.embedded import text
from pipeline.corpora.embedded.text import FILLER, ROLES, WHEN, Chain, perplexity, probabilities
from pipeline.errors import UserError

SIZES = Sizes(train=211, validation=31, test=101)


def corpus(**asked: int) -> TextCorpus:
    return TextCorpus.model_validate({"reader": "text", "sizes": SIZES} | asked)


def lines(table: pa.Table) -> list[str]:
    return list(table["text"].to_pylist())


def test_the_same_schema_as_the_real_corpus() -> None:
    tables = text.generate(corpus())
    for split, real in zip(text.splits(corpus()), ptb.splits(), strict=True):
        assert split.name == real.name
        assert checked(tables[split.name], split, split.name).schema == real.schema


def test_a_seed_makes_one_text() -> None:
    digests = [canonical.digest(text.generate(corpus(seed=seed))["train"]) for seed in (3, 3, 4)]
    assert digests[0] == digests[1] != digests[2]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), distance=st.integers(2, 9))
def test_no_line_stands_twice_and_every_verb_agrees_over_the_distance(seed: int, distance: int) -> None:
    tables = text.generate(corpus(seed=seed, distance=distance))
    found = [line for table in tables.values() for line in lines(table)]
    assert len(set(found)) == len(found) == 211 + 31 + 101
    for line in found:
        person, *filler, verb, when = line.split()
        assert verb == ROLES[person]
        assert when in WHEN
        assert len(filler) >= distance
        assert set(filler) <= set(FILLER)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_what_may_follow_adds_up_to_one(seed: int) -> None:
    chain = Chain.of(seed)
    for before, last in ((None, None), (None, FILLER[0]), (FILLER[0], FILLER[1]), (FILLER[1], FILLER[0])):
        following = chain.next(before, last)
        assert sum(following.values()) == pytest.approx(1)
        assert min(following.values()) > 0


def test_two_words_back_matter() -> None:
    chain = Chain.of(0)
    assert chain.next(FILLER[0], FILLER[2]) != chain.next(FILLER[1], FILLER[2])


def test_probabilities_of_a_line_by_hand() -> None:
    asked = corpus(distance=2)
    chain = Chain.of(asked.seed)
    one = next(iter(chain.next(None, None)))
    two = next(iter(chain.next(None, one)))
    three = next(iter(chain.next(one, two)))
    filled = [chain.next(None, None)[one], chain.next(None, one)[two], chain.next(one, two)[three] / 2]
    line = f"baker {one} {two} {three} kneads noon"
    assert probabilities(asked, line) == pytest.approx([1 / 8, *filled, 1 / 2, 1 / 16, 1.0])
    blind = probabilities(asked, line, agreeing=False)
    assert blind == pytest.approx([1 / 8, *filled, 1 / 16, 1 / 16, 1.0])


def test_lines_come_as_often_as_their_probability_says() -> None:
    """The mean of -ln p is the grammar's entropy in one text as in another."""
    first, second = (
        [line for _, line in zip(range(4000), text._lines(corpus(seed=0)), strict=False)][half]
        for half in (slice(2000), slice(2000, 4000))
    )
    assert perplexity(corpus(), first) == pytest.approx(perplexity(corpus(), second), rel=0.03)
    verbs = [line.split()[-2] for line in first]
    assert verbs.count("kneads") / 2000 == pytest.approx(1 / 8, abs=0.03)
    stops = [len(line.split()) - 3 for line in first]
    assert stops.count(4) / 2000 == pytest.approx(1 / 2, abs=0.04)


def test_who_forgets_the_person_pays_for_it_once_a_line() -> None:
    texts = lines(text.generate(corpus())["test"])
    tokens = sum(len(line.split()) + 1 for line in texts)
    known, blind = (perplexity(corpus(), texts, agreeing=agreeing) for agreeing in (True, False))
    assert blind / known == pytest.approx(math.exp(len(texts) * math.log(8) / tokens))
    (note,) = text.notes(corpus(), text.generate(corpus()))
    assert f"{known:.3f} per token; {blind:.3f} for whoever" in note
    assert "more than 4 words before it" in note


def test_more_lines_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "END", 1.0)
    monkeypatch.setattr(text, "TRIES", 50)
    with pytest.raises(UserError, match=r"text: [\d,]+ lines are all that it finds; lower sizes"):
        text.generate(TextCorpus(reader="text", distance=1, sizes=Sizes(train=1000)))
