"""A parent language: the training's sources once more, with other translations."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from pipeline.config.schema.datasets import TextPairs
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError

LETTERS = {"en": "e", "de": "d", "fr": "f"}


def block(**changes: object) -> TextPairs:
    base = {"kind": "text_pairs", "corpus": "made", "source": "en", "target": "de", "parent": "fr"}
    tokenizer = {"kind": "word", "vocabulary": 99, "minimum_frequency": 1}
    return TextPairs.model_validate(base | {"tokenizer": tokenizer} | changes)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    for split, count in (("train", 9), ("validation", 4), ("test", 5)):
        columns = {name: [f"{mark}{split[:2]}{i}" for i in range(count)] for name, mark in LETTERS.items()}
        pq.write_table(pa.table(columns), folder / f"{split}.parquet")
    return folder


@pytest.mark.parametrize("joint", [True, False])
def test_the_parents_split_has_trainings_sources_and_words_that_are_known(raw: Path, joint: bool) -> None:
    found = prepare(block(joint_vocabulary=joint), raw, raw / "prepared")
    dataset = PreparedDataset.open(raw / "prepared")
    train, parent = (dataset.split(name).rows() for name in ("train", "parent"))
    assert parent["source"].tolist() == train["source"].tolist()
    assert parent["target"].tolist() == [f"ftr{i}" for i in range(9)]
    assert train["target"].tolist() == [f"dtr{i}" for i in range(9)]
    assert found["splits"]["parent"]["unknown_share"] == {"source": 0, "target": 0}
    assert dataset.description["tests"] == ["test"]
    assert [each["splits"] for each in found["overlaps"]] == [["train", "validation"], ["train", "test"]]


def test_a_language_that_the_corpus_lacks_is_one_line(raw: Path) -> None:
    with pytest.raises(UserError, match=r"train\.parquet: has no column 'cs'; it has en, de, fr$"):
        prepare(block(parent="cs"), raw, raw / "prepared")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"parent": "de"}, "parent de is the source or the target; name another language"),
        ({"joined": 3}, "parent fr goes without pool and joined"),
    ],
)
def test_a_parent_that_cannot_be_is_one_line(changes: dict[str, object], line: str) -> None:
    with pytest.raises(ValidationError, match=line):
        block(**changes)
