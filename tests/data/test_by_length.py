"""Only texts of fixed lengths, each in one split."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.config.schema.datasets import LabelledText
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError

LONG = ["one two, three", "Four<br />five six", "seven's eight nine", "a b c", "d e f g", "both have this"]


def dataset(**changes: Any) -> LabelledText:
    base = {
        "kind": "labelled_text",
        "corpus": "reviews",
        "classes": ["negative", "positive"],
        "hold_out": 2,
        "shortest": 3,
        "tokenizer": {"kind": "ascii_word", "vocabulary": 50, "minimum_frequency": 1},
    }
    return LabelledText.model_validate(base | changes)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    train = [*LONG, "too short", "x"]
    test = ["h i j k", "short too", "both have this", "l m n"]
    for split, texts in (("train", train), ("test", test)):
        labels = [row % 2 for row in range(len(texts))]
        pd.DataFrame({"text": texts, "label": labels}).to_parquet(folder / f"{split}.parquet")
    return folder


def test_short_texts_and_those_of_two_splits_are_left_out(raw: Path, tmp_path: Path) -> None:
    statistics = prepare(dataset(), raw, tmp_path / "out")
    assert statistics["chosen"] == {"shortest": 3, "rows": {"train": 6, "test": 3}, "shared": 1}
    prepared = PreparedDataset.open(tmp_path / "out")
    assert prepared.splits == {"train": 3, "validation": 2, "test": 2}
    assert prepared.split("test").rows()["text"].tolist() == ["h i j k", "l m n"]
    kept = pd.concat([prepared.split(name).rows()["text"] for name in ("train", "validation")])
    assert sorted(kept) == sorted(LONG[:-1])
    for name in prepared.splits:
        assert prepared.split(name).columns["text"].lengths.min() >= 3
    assert [overlap["rows"] for overlap in statistics["overlaps"]] == [0, 0]


def test_long_texts_are_left_out(raw: Path, tmp_path: Path) -> None:
    statistics = prepare(dataset(longest=3, shortest=None), raw, tmp_path / "out")
    assert statistics["chosen"] == {"longest": 3, "rows": {"train": 6, "test": 3}, "shared": 1}
    prepared = PreparedDataset.open(tmp_path / "out")
    assert prepared.split("test").rows()["text"].tolist() == ["short too", "l m n"]
    for name in prepared.splits:
        assert prepared.split(name).columns["text"].lengths.max() <= 3


def test_both_ends_count(raw: Path, tmp_path: Path) -> None:
    prepare(dataset(shortest=4, longest=4), raw, tmp_path / "out")
    prepared = PreparedDataset.open(tmp_path / "out")
    assert prepared.split("test").rows()["text"].tolist() == ["h i j k"]


def test_all_texts_are_kept_unless_asked(raw: Path, tmp_path: Path) -> None:
    statistics = prepare(dataset(shortest=None), raw, tmp_path / "out")
    assert "chosen" not in statistics
    assert statistics["splits"]["test"]["rows"] == 4


def test_no_text_so_long_is_one_line(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"^train, test: no text of 1,000 tokens or more that no other split has; "
    ):
        prepare(dataset(shortest=1000), raw, tmp_path / "out")
    with pytest.raises(
        UserError,
        match=r"of 1,000 tokens or more and 2,000 tokens or fewer .*; lower `shortest` or raise `longest`",
    ):
        prepare(dataset(shortest=1000, longest=2000), raw, tmp_path / "out")
