"""The generated stories: hand-made truth, and promises that hold on all that is made."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.schema.corpora import QuestionsCorpus
from pipeline.corpora import babi, download
from pipeline.corpora.embedded.questions import TYPES, Answer, answer_of, generate

SIZES = {"train": 97, "validation": 13, "test": 41}
STORY = [
    "boris went to the attic.",
    "boris took the map.",
    "carla went to the cellar.",
    "boris went to the station.",
    "boris took the lemon.",
    "boris dropped the map.",
    "boris went to the library.",
]
knobs = st.fixed_dictionaries({"seed": st.integers(0, 999), "facts": st.integers(4, 9)})


def corpus(**settings: Any) -> QuestionsCorpus:
    return QuestionsCorpus.model_validate({"reader": "questions", "sizes": SIZES} | settings)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("where is boris?", Answer("library", [6])),
        ("where is carla?", Answer("cellar", [2])),
        ("where is the map?", Answer("station", [3, 5])),
        ("where is the lemon?", Answer("library", [4, 6])),
        ("is boris in the library?", Answer("yes", [6])),
        ("is carla in the attic?", Answer("no", [2])),
        ("how many things does boris hold?", Answer("one", [1, 4, 5])),
    ],
)
def test_answers_worked_out_by_hand(question: str, answer: Answer) -> None:
    assert answer_of(STORY, question) == answer


@pytest.mark.parametrize(
    ("story", "question", "error"),
    [
        (["boris flew to the attic."], "where is boris?", "statement 0 is 'boris flew"),
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
            assert len(story) % 2 == 0
            assert len(story) <= knobs["facts"]
            if row["type"] in ("one fact", "yes or no"):
                assert answer_of([story[place] for place in places], row["question"]).text == row["answer"]


@given(knobs)
@settings(max_examples=20)
def test_no_question_about_the_same_story_stands_twice(knobs: dict[str, int]) -> None:
    tables = generate(corpus(**knobs))
    rows = [row for table in tables.values() for row in table.to_pylist()]
    seen = Counter((*row["story"], row["question"]) for row in rows)
    assert set(seen.values()) == {1}
    assert {name: table.num_rows for name, table in tables.items()} == SIZES


def test_no_answer_can_be_had_from_the_kind_alone() -> None:
    rows = generate(QuestionsCorpus(reader="questions"))["train"].to_pylist()
    counts = {kind: Counter(row["answer"] for row in rows if row["type"] == kind) for kind in TYPES}
    shares = {kind: max(answers.values()) / answers.total() for kind, answers in counts.items()}
    assert shares["one fact"] < 0.25
    assert shares["two facts"] < 0.25
    assert 0.45 < shares["yes or no"] < 0.57
    assert shares["counting"] < 0.7
    assert min(answers.total() for answers in counts.values()) > 300


def test_it_is_told_apart_from_the_real_one_by_its_name_only(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    facts = download("questions", corpus(), tmp_path / "out/questions")
    assert facts["splits"]["train"]["columns"] == babi.splits()[0].schema.names
    assert download("q", corpus(), tmp_path / "out/again")["splits"] == facts["splits"]
