"""The generated stories: hand-made truth, and promises that hold on all that is made."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.schema.corpora import QuestionsCorpus
from pipeline.corpora import babi, download
from pipeline.corpora.embedded import questions
from pipeline.corpora.embedded.questions import FIRST, Answer, answer_of, generate
from pipeline.errors import UserError

SIZES = {"train": 97, "validation": 13, "test": 41}
STORY = [
    "boris abroad",
    "boris took the map",
    "carla ashore",
    "boris downtown",
    "boris took the lemon",
    "boris dropped the map",
    "boris home",
]
knobs = st.fixed_dictionaries({"seed": st.integers(0, 999), "facts": st.integers(4, 9)})
DECIDED_BY_ONE = ("one fact", "yes or no")


def corpus(**settings: Any) -> QuestionsCorpus:
    return QuestionsCorpus.model_validate({"reader": "questions", "sizes": SIZES} | settings)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("where is boris?", Answer("home", [6])),
        ("where is carla?", Answer("ashore", [2])),
        ("where is the map?", Answer("downtown", [3, 5])),
        ("where is the lemon?", Answer("home", [4, 6])),
        ("is boris home?", Answer("yes", [6])),
        ("is carla abroad?", Answer("no", [2])),
        ("how many things does boris hold?", Answer("one", [1, 4, 5])),
    ],
)
def test_answers_worked_out_by_hand(question: str, answer: Answer) -> None:
    assert answer_of(STORY, question) == answer


@pytest.mark.parametrize(
    ("story", "question", "error"),
    [
        (["boris flew home"], "where is boris?", "note 0 is 'boris flew"),
        (STORY, "why is boris there?", "isn't a question of this grammar"),
    ],
)
def test_what_is_not_of_the_grammar_is_named(story: list[str], question: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        answer_of(story, question)


@given(knobs)
@settings(max_examples=20)
def test_answers_are_right_and_follow_from_what_supports_them(knobs: dict[str, int]) -> None:
    for table in generate(corpus(**knobs)).values():
        for row in table.to_pylist():
            story, places = row["story"], row["supporting"]
            assert answer_of(story, row["question"]) == Answer(row["answer"], places)
            assert FIRST <= len(story) <= knobs["facts"]
            if row["type"].startswith(DECIDED_BY_ONE):
                assert answer_of([story[place] for place in places], row["question"]).text == row["answer"]


@given(knobs)
@settings(max_examples=20)
def test_no_question_about_the_same_story_stands_twice(knobs: dict[str, int]) -> None:
    tables = generate(corpus(**knobs))
    rows = [row for table in tables.values() for row in table.to_pylist()]
    seen = Counter((*row["story"], row["question"]) for row in rows)
    assert set(seen.values()) == {1}
    assert {name: table.num_rows for name, table in tables.items()} == SIZES


def test_one_fact_stands_as_far_back_as_its_type_says() -> None:
    for row in generate(corpus(facts=7, kinds=["one fact"]))["train"].to_pylist():
        (place,) = row["supporting"]
        assert row["type"] == f"one fact, {len(row['story']) - 1 - place} back"


@pytest.mark.parametrize(
    ("kind", "most"), [("one fact", 0.25), ("two facts", 0.25), ("yes or no", 0.57), ("counting", 0.7)]
)
def test_no_answer_can_be_had_from_the_kind_alone(kind: str, most: float) -> None:
    rows = generate(QuestionsCorpus(reader="questions", kinds=[kind]))["train"].to_pylist()
    answers = Counter(row["answer"] for row in rows)
    assert max(answers.values()) / answers.total() < most
    assert answers.total() == 2000


def test_more_stories_than_can_be_found_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "TRIES", 1)
    with pytest.raises(UserError, match="different questions found; lower sizes or facts"):
        generate(corpus(kinds=["one fact"], sizes=SIZES | {"train": 20_000}))


def test_it_is_told_apart_from_the_real_one_by_its_name_only(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    facts = download("questions", corpus(), tmp_path / "out/questions")
    assert facts["splits"]["train"]["columns"] == babi.splits()[0].schema.names
    assert download("q", corpus(), tmp_path / "out/again")["splits"] == facts["splits"]
