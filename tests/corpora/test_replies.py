"""The generated replies: hand-made truth, and promises that hold on all that is made."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.schema.corpora import RepliesCorpus
from pipeline.corpora import dialogs, download
from pipeline.corpora.embedded.replies import generate, reply_to, turned_round
from pipeline.errors import UserError

SIZES = {"train": 97, "validation": 13, "test": 41}


def corpus(**settings: Any) -> RepliesCorpus:
    return RepliesCorpus.model_validate({"reader": "replies", "sizes": SIZES} | settings)


@pytest.mark.parametrize(
    ("turn", "reply"),
    [
        (
            "i saw boris in the attic with my red map",
            "what did boris do in the attic with your red map",
        ),
        ("i left your blue kite on the bus", "then look for my blue kite on the bus"),
        ("can you bring the white lemon to dev", "yes i can bring the white lemon to dev"),
        ("gita says that my green violin is old", "why does gita say that your green violin is old"),
        ("is your red hammer at home", "no my red hammer is not at home"),
    ],
)
def test_replies_worked_out_by_hand(turn: str, reply: str) -> None:
    assert reply_to(turn) == reply


def test_what_is_not_of_the_grammar_is_named() -> None:
    with pytest.raises(ValueError, match="no rule replies to 'boris left'"):
        reply_to("boris left")


@given(st.integers(0, 999))
@settings(max_examples=20)
def test_every_reply_is_the_right_one_and_no_turn_stands_twice(seed: int) -> None:
    tables = generate(corpus(seed=seed))
    rows = [row for table in tables.values() for row in table.to_pylist()]
    assert all(row["response"] == reply_to(row["prompt"]) for row in rows)
    assert set(Counter(row["prompt"] for row in rows).values()) == {1}
    assert {name: table.num_rows for name, table in tables.items()} == SIZES


def test_replies_take_over_what_the_turn_says_and_turn_it_round() -> None:
    """Any reply but a copy of the turn's own words would be wrong: nothing common to all turns will do."""
    rows = generate(RepliesCorpus(reader="replies"))["train"].to_pylist()
    replies = Counter(row["response"] for row in rows)
    assert max(replies.values()) == 1
    for row in rows:
        turned = set(turned_round(row["prompt"]).split())
        assert len(turned & set(row["response"].split())) >= 5
    words = {word for row in rows for column in ("prompt", "response") for word in row[column].split()}
    assert len(words) <= 300


def test_more_turns_than_there_are_are_refused() -> None:
    with pytest.raises(UserError, match="different turns found; lower sizes"):
        generate(corpus(sizes=SIZES | {"train": 20_000}))


def test_it_is_told_apart_from_the_real_one_by_its_name_only(tmp_path: Path) -> None:
    facts = download("replies", corpus(), tmp_path / "replies")
    assert facts["splits"]["train"]["columns"] == dialogs.SCHEMA.names
    assert download("replies", corpus(), tmp_path / "again")["splits"] == facts["splits"]
