"""The generated headlines: hand-made truth, and promises that hold on all that is made."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.schema.corpora import SummariesCorpus
from pipeline.corpora import download, headlines
from pipeline.corpora.embedded import summaries
from pipeline.corpora.embedded.summaries import PEOPLE, THINGS, VERBS, generate, headline
from pipeline.errors import UserError

SIZES = {"train": 97, "validation": 13, "test": 41}
knobs = st.fixed_dictionaries({"seed": st.integers(0, 999), "asides": st.integers(0, 5)})


def corpus(**settings: Any) -> SummariesCorpus:
    return SummariesCorpus.model_validate({"reader": "summaries", "sizes": SIZES} | settings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the old baker sold the red boat .", "baker sells boat"),
        (
            "the mayor was not there . in may the young poet , whom the judge knows , lost the small clock "
            "near the river . the well stands near the tram .",
            "poet loses clock",
        ),
        ("this week the tired sailor from the mill built the huge tower .", "sailor builds tower"),
    ],
)
def test_headlines_worked_out_by_hand(text: str, expected: str) -> None:
    assert headline(text) == expected


@pytest.mark.parametrize("text", ["it rained .", "the poet sold the mill . the poet lost the well ."])
def test_a_text_of_no_event_or_of_two_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"tells of [02] events"):
        headline(text)


@given(knobs)
@settings(max_examples=20)
def test_every_headline_is_the_right_one_and_each_split_has_its_own(knobs: dict[str, int]) -> None:
    tables = generate(corpus(**knobs))
    own = {name: set(table["summary"].to_pylist()) for name, table in tables.items()}
    assert sum(map(len, own.values())) == len(set.union(*own.values()))
    rows = [row for table in tables.values() for row in table.to_pylist()]
    assert set(Counter(row["text"] for row in rows).values()) == {1}
    for row in rows:
        assert row["summary"] == headline(row["text"])
        assert row["text"].count(" .") <= 1 + knobs["asides"]
        assert sum(word in VERBS for word in row["text"].split()) == 1
    assert {name: table.num_rows for name, table in tables.items()} == SIZES


def test_neither_the_first_person_nor_the_first_thing_will_do() -> None:
    rows = generate(SummariesCorpus(reader="summaries"))["train"].to_pylist()
    firsts = Counter()
    for row in rows:
        words, (person, _, thing) = row["text"].split(), row["summary"].split()
        firsts["person"] += person == next(word for word in words if word in PEOPLE)
        firsts["thing"] += thing == next(word for word in words if word in THINGS)
    assert firsts["person"] < 0.8 * len(rows)
    assert firsts["thing"] < 0.6 * len(rows)
    words = {word for row in rows for column in ("text", "summary") for word in row[column].split()}
    assert len(words) <= 300


def test_more_texts_than_can_be_found_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summaries, "TRIES", 3)
    with pytest.raises(UserError, match="different texts found; lower sizes"):
        generate(corpus())


def test_it_is_told_apart_from_the_real_one_by_its_name_only(tmp_path: Path) -> None:
    facts = download("summaries", corpus(), tmp_path / "summaries")
    assert facts["splits"]["train"]["columns"] == headlines.splits()[0].schema.names
    assert download("summaries", corpus(), tmp_path / "again")["splits"] == facts["splits"]
