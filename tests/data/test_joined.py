"""Long pairs: every training sentence alone and in a row; tests of one length each."""

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from pipeline.config.schema.datasets import TextPairs
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset

TOKENIZER = {"kind": "word", "vocabulary": 99, "minimum_frequency": 1}


def block(**changes: object) -> TextPairs:
    base = {"kind": "text_pairs", "corpus": "pairs", "source": "en", "target": "fr", "tokenizer": TOKENIZER}
    return TextPairs.model_validate(base | changes)


@pytest.fixture
def prepared(tmp_path: Path) -> PreparedDataset:
    raw = tmp_path / "raw"
    raw.mkdir()
    for split, count in (("train", 18), ("validation", 9), ("test", 14)):
        words = [f"{split[:2]}{i}" for i in range(count)]
        references = [[f"f{word}", f"g{word}"] for word in words]
        columns = {"en": words, "fr": [f"f{word}" for word in words], "fr_references": references}
        pq.write_table(pa.table(columns), raw / f"{split}.parquet")
    prepare(block(joined=4), raw, tmp_path / "prepared")
    return PreparedDataset.open(tmp_path / "prepared")


def test_every_training_sentence_stands_once_alone_and_once_in_a_row(prepared: PreparedDataset) -> None:
    sources = [source.split() for source in prepared.split("train").rows()["source"]]
    assert Counter(len(source) for source in sources) == {1: 18, 2: 2, 3: 2, 4: 2}
    assert set(Counter(word for source in sources for word in source).values()) == {2}


def test_tests_are_of_single_sentences_and_of_long_rows_apart(prepared: PreparedDataset) -> None:
    assert prepared.description["tests"] == ["test", "test_joined"]
    single, long = (prepared.split(name).rows() for name in ("test", "test_joined"))
    assert {len(source.split()) for source in single["source"]} == {1}
    assert [len(source.split()) for source in long["source"]] == [3, 4, 3, 4]


def test_translations_and_references_follow_their_sources(prepared: PreparedDataset) -> None:
    for row in prepared.split("test_joined").rows().to_dict("records"):
        words = row["source"].split()
        assert row["target"] == " ".join(f"f{word}" for word in words)
        assert list(row["references"]) == [" ".join(f"{mark}{word}" for word in words) for mark in "fg"]


def test_two_sentences_make_no_long_pair() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 3"):
        block(joined=2)
