"""Datasets of texts and their answers: what is held out, what training must not have."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.datasets import AnsweredText
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError

TOKENIZER = {"kind": "word", "vocabulary": 90, "minimum_frequency": 1}


def dataset(**changes: Any) -> AnsweredText:
    base = {
        "kind": "answered_text",
        "corpus": "stories",
        "source": ["question", "story"],
        "target": "answer",
        "measure": "exact_match",
        "group": "type",
        "together": ["type", "story_id"],
        "hold_out": 12,
        "tokenizer": TOKENIZER,
    }
    return AnsweredText.model_validate(base | changes)


def write(folder: Path, split: str, rows: list[dict[str, Any]]) -> None:
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / f"{split}.parquet")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Seven stories of dogs, eleven of cats, three questions each; the test has one of each kind too."""
    rows = [
        {
            "type": kind,
            "story_id": story,
            "story": [f"{kind} {story} sat.", f"it saw {asked}."],
            "question": f"who saw {asked}?",
            "answer": f"{kind} {story}",
        }
        for kind, stories in (("dog", 7), ("cat", 11))
        for story in range(stories)
        for asked in ("one", "two", "three")
    ]
    write(tmp_path / "raw", "train", rows)
    seen = [row | {"question": row["question"].upper()} for row in (rows[4], rows[40])]
    write(tmp_path / "raw", "test", [*seen, rows[0] | {"story": ["nobody sat."]}])
    return tmp_path / "raw"


def rows_of(folder: Path, split: str) -> pd.DataFrame:
    return PreparedDataset.open(folder).split(split).rows()


def test_rows_are_joined_in_the_order_of_the_columns(raw: Path, tmp_path: Path) -> None:
    prepare(dataset(), raw, tmp_path / "out")
    (row,) = rows_of(tmp_path / "out", "test").iloc[2:].to_dict("records")
    assert row["source"] == "who saw one? nobody sat."
    assert (row["target"], list(row["references"]), row["group"]) == ("dog 0", ["dog 0"], "dog")
    description = PreparedDataset.open(tmp_path / "out").description
    assert (description["measure"], description["source"]) == ("exact_match", "question + story")


def test_a_story_is_held_out_whole_and_of_every_kind_its_share(raw: Path, tmp_path: Path) -> None:
    prepare(dataset(), raw, tmp_path / "out")
    parts = {name: rows_of(tmp_path / "out", name) for name in ("train", "validation")}
    stories = {name: set(rows["target"]) for name, rows in parts.items()}
    assert not stories["train"] & stories["validation"]
    # 12 of 52 rows: 4.6 of the dogs' 20 and 7.4 of the cats' 32, in stories of three.
    assert parts["validation"]["group"].value_counts().to_dict() == {"cat": 9, "dog": 6}
    again = prepare(dataset(), raw, tmp_path / "again")
    assert again["splits"]["validation"]["rows"] == 15
    assert rows_of(tmp_path / "again", "validation").equals(parts["validation"])


def test_training_has_nothing_that_the_test_has(raw: Path, tmp_path: Path) -> None:
    statistics = prepare(dataset(), raw, tmp_path / "out")
    assert statistics["left_out"] == 2
    assert [overlap["rows"] for overlap in statistics["overlaps"]] == [0, 0]
    rows = pd.concat([rows_of(tmp_path / "out", name) for name in ("train", "validation")])
    assert len(rows) == 54 - 2
    assert not rows["source"].isin(["who saw two? dog 1 sat. it saw two."]).any()


def test_training_has_nothing_that_a_published_validation_has(raw: Path, tmp_path: Path) -> None:
    write(raw, "validation", pq.read_table(raw / "train.parquet").to_pylist()[:5])
    statistics = prepare(dataset(hold_out=0), raw, tmp_path / "out")
    assert statistics["left_out"] == 6  # the fifth one is in the test too
    assert statistics["splits"]["validation"]["rows"] == 5
    assert statistics["splits"]["train"]["rows"] == 54 - 6


def test_a_story_goes_whole_where_one_of_its_rows_is_in_another_split(raw: Path, tmp_path: Path) -> None:
    statistics = prepare(
        dataset(left_out="units", hold_out=0, tests=["test"]), _validated(raw), tmp_path / "out"
    )
    assert statistics["left_out"] == 9  # three stories' rows
    stories = set(rows_of(tmp_path / "out", "train")["target"])
    assert stories.isdisjoint({"dog 0", "dog 1", "cat 6"})
    assert len(stories) == 15


def _validated(raw: Path) -> Path:
    write(raw, "validation", pq.read_table(raw / "train.parquet").to_pylist()[:2])
    return raw


def test_without_groups_and_from_a_pool(tmp_path: Path) -> None:
    pairs = [{"text": f"text {i} is long", "summary": f"sum {i}", "rest": None} for i in range(20)]
    write(tmp_path / "raw", "news", [*pairs, pairs[3]])
    pooled = dataset(
        source=["text"], target="summary", measure="rouge_l", group=None, together=[], hold_out=0,
        pool={"split": "news", "validation": 3, "test": 5},
    )  # fmt: skip
    statistics = prepare(pooled, tmp_path / "raw", tmp_path / "out")
    sizes = {name: facts["rows"] for name, facts in statistics["splits"].items()}
    assert sizes["validation"] == 3
    assert sizes["test"] == 5
    assert list(rows_of(tmp_path / "out", "train")) == ["source", "target", "references"]
    parts = [set(rows_of(tmp_path / "out", name)["source"]) for name in ("train", "validation", "test")]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 20


def test_a_missing_column_is_named(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"train.parquet: has no column 'reply'; it has type, story_id"):
        prepare(dataset(target="reply"), raw, tmp_path / "out")
    assert not (tmp_path / "out").exists()
