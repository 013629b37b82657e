"""prepare: levels, and a validation split that is held out by halves of the scale."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.datasets import LabelledText, RatedText
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError

TOKENIZER = {"kind": "word", "vocabulary": 50, "minimum_frequency": 1}


def rated(**changes: Any) -> RatedText:
    base = {"kind": "rated_text", "corpus": "films", "levels": [1, 2, 7, 10], "tokenizer": TOKENIZER}
    return RatedText.model_validate(base | changes)


def write(folder: Path, split: str, texts: list[str], ratings: list[int]) -> None:
    folder.mkdir(exist_ok=True)
    labels = [int(rating > 5) for rating in ratings]
    columns = {"text": texts, "label": labels, "rating": pa.array(ratings, pa.int8())}
    pq.write_table(pa.table(columns), folder / f"{split}.parquet")


def test_labels_are_places_among_the_levels(tmp_path: Path) -> None:
    write(tmp_path / "raw", "train", ["a b", "c", "d", "e"], [10, 1, 7, 2])
    write(tmp_path / "raw", "validation", ["a"], [7])
    write(tmp_path / "raw", "test", ["b", "c"], [2, 10])
    statistics = prepare(rated(), tmp_path / "raw", tmp_path / "prepared")
    dataset = PreparedDataset.open(tmp_path / "prepared")
    assert dataset.description["levels"] == [1, 2, 7, 10]
    train = dataset.split("train")
    assert train.labels is not None
    assert train.labels.tolist() == [3, 0, 2, 1]
    assert train.rows()["rating"].tolist() == [10, 1, 7, 2]
    assert statistics["splits"]["train"]["rows"] == 4
    assert statistics["overlaps"][1] == {"splits": ["train", "test"], "rows": 1}


def test_a_rating_that_is_no_level(tmp_path: Path) -> None:
    write(tmp_path / "raw", "train", ["a"], [1])
    write(tmp_path / "raw", "validation", ["a"], [7])
    write(tmp_path / "raw", "test", ["b", "c"], [2, 6])
    message = r"test.parquet, row 2: rating 6; `levels` of the dataset names 1, 2, 7, 10; mend it or the"
    with pytest.raises(UserError, match=message):
        prepare(rated(), tmp_path / "raw", tmp_path / "prepared")


def test_a_corpus_without_ratings(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    pq.write_table(pa.table({"text": ["a"], "label": [1]}), tmp_path / "raw/train.parquet")
    with pytest.raises(UserError, match=r"train.parquet: has no column 'rating'; it has text, label"):
        prepare(rated(hold_out=1), tmp_path / "raw", tmp_path / "prepared")


def test_what_is_held_out_is_what_a_classifier_of_both_halves_holds_out(tmp_path: Path) -> None:
    """So that one film's reviews, which stand side by side with different ratings, stay together."""
    texts = [f"text {i}" for i in range(400)]
    write(
        tmp_path / "raw", "train", texts, [[1, 2][i % 2] if i < 300 else [7, 10][i % 2] for i in range(400)]
    )
    write(tmp_path / "raw", "test", ["text"], [1])
    prepare(rated(hold_out=80), tmp_path / "raw", tmp_path / "rated")
    classes = {"kind": "labelled_text", "corpus": "films", "classes": ["bad", "good"], "hold_out": 80}
    labelled = LabelledText.model_validate(classes | {"tokenizer": TOKENIZER})
    prepare(labelled, tmp_path / "raw", tmp_path / "labelled")
    held = [
        PreparedDataset.open(tmp_path / name).split("validation").rows()["text"].tolist()
        for name in ("rated", "labelled")
    ]
    assert held[0] == held[1]
    assert len(held[0]) == 80
