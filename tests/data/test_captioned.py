"""Captioned pictures: prepared, and in batches of pictures with all of their captions."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.datasets import CaptionedImages
from pipeline.data.captioned import CaptionBatches
from pipeline.data.pictures import Pictures
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.images import png
from pipeline.text.tokenizer import BOS, EOS, PAD

SIDE = 8
CAPTIONS = [
    ["one two", "one two three"],
    ["four"],
    ["five five five five five five five", "six", "seven six"],
    ["one", "two three four five", "six"],
    ["two two"],
]


def flat(shade: int, side: int = SIDE) -> bytes:
    return png(np.full((side, side, 3), shade, dtype=np.uint8))


def write(folder: Path, split: str, pictures: list[bytes], captions: list[list[str]]) -> None:
    folder.mkdir(exist_ok=True)
    columns = {"image": pa.array(pictures, pa.binary()), "captions": captions}
    pq.write_table(pa.table(columns), folder / f"{split}.parquet")


def dataset(**changes: Any) -> CaptionedImages:
    base = {"kind": "captioned_images", "corpus": "shades", "side": SIDE}
    base["tokenizer"] = {"kind": "word", "vocabulary": 50, "minimum_frequency": 1}
    return CaptionedImages.model_validate(base | changes)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[PreparedDataset, dict[str, Any]]:
    root = tmp_path_factory.mktemp("shades")
    write(root / "raw", "train", [flat(10 * i, SIDE * (1 + i % 2)) for i in range(5)], CAPTIONS)
    write(root / "raw", "validation", [flat(7)], [["seven"]])
    write(root / "raw", "test", [flat(20), flat(30), flat(99)], [["one"], ["nine", "two"], ["six"]])
    statistics = prepare(dataset(), root / "raw", root / "prepared")
    return PreparedDataset.open(root / "prepared"), statistics


@pytest.fixture(scope="module")
def train(prepared: Any) -> Pictures:
    return Pictures.read(prepared[0], "train")


def test_pixels_captions_and_references_stay_together(prepared: Any, train: Pictures) -> None:
    tokenizer = prepared[0].tokenizer("caption")
    assert train.images.shape == (5, SIDE, SIDE, 3)
    for row, own in enumerate(CAPTIONS):
        assert (train.images[row] == 10 * row).all()
        assert [tokenizer.decode(train.captions[number]) for number in train.of(row)] == own
    references = prepared[0].split("train").rows()["references"]
    assert [list(own) for own in references] == CAPTIONS


def test_pictures_that_splits_share_are_counted(prepared: Any) -> None:
    _, statistics = prepared
    assert statistics["overlaps"] == [
        {"splits": ["train", "validation"], "rows": 0},
        {"splits": ["train", "test"], "rows": 2},
    ]
    assert statistics["splits"]["train"]["rows"] == 5
    assert statistics["splits"]["test"]["unknown_share"]["caption"] == 0.25


def test_corpora_that_hold_no_pictures(tmp_path: Path) -> None:
    for split in ("train", "validation", "test"):
        write(tmp_path / "raw", split, [flat(1), b"text"], [["one"], ["two"]])
    with pytest.raises(UserError, match=r"train\.parquet, row 1 \(from 0\), column image: no picture"):
        prepare(dataset(), tmp_path / "raw", tmp_path / "prepared")
    pq.write_table(pa.table({"image": [b"x"], "text": ["one"]}), tmp_path / "raw/test.parquet")
    with pytest.raises(UserError, match=r"test\.parquet: has no column 'captions'; it has image, text"):
        prepare(dataset(), tmp_path / "raw", tmp_path / "other")


def test_a_batch_has_all_captions_of_its_pictures(prepared: Any, train: Pictures) -> None:
    batch = CaptionBatches(train)[np.array([3, 0])]
    assert batch.pictures.shape == (2, 3, SIDE, SIDE)
    assert (batch.pictures[0] == 30).all()
    assert batch.owner.tolist() == [0, 0, 0, 1, 1]
    tokenizer = prepared[0].tokenizer("caption")
    for line, length, text in zip(
        batch.target.tolist(), batch.target_lengths.tolist(), CAPTIONS[3] + CAPTIONS[0], strict=True
    ):
        assert (line[0], line[length - 1]) == (BOS, EOS)
        assert tokenizer.decode(line[1 : length - 1]) == text
        assert set(line[length:]) <= {PAD}
    assert batch.weight == pytest.approx(1 / (2 + 5 + 2 + 3 + 4))


def test_long_captions_are_left_out_and_pictures_without_any(train: Pictures) -> None:
    batches = CaptionBatches(train, longest=1)
    rows = np.concatenate(batches.order(budget=100, longest=1))
    assert sorted(rows) == [1, 2, 3]
    assert CaptionBatches(train, longest=1)[np.array([2])].target.shape == (1, 3)
    # Captions times the longest of them, beginning and end counted.
    assert CaptionBatches(train).lengths.tolist() == [2 * 5, 3, 3 * 9, 3 * 6, 4]


def test_no_caption_that_is_short_enough(tmp_path: Path) -> None:
    for split in ("train", "validation", "test"):
        write(tmp_path / "raw", split, [flat(1)], [["one two"]])
    prepare(dataset(), tmp_path / "raw", tmp_path / "prepared")
    pictures = Pictures.read(PreparedDataset.open(tmp_path / "prepared"), "train")
    with pytest.raises(UserError, match=r"data\.max_tokens: 1 leaves no caption; the shortest has 2 tokens"):
        CaptionBatches(pictures, longest=1).order(budget=100, longest=1)


@pytest.mark.parametrize("ranks", [2, 3, 7])
def test_ranks_share_a_batch(train: Pictures, ranks: int) -> None:
    rows = np.array([4, 2, 0, 3, 1])
    whole = CaptionBatches(train)[rows]
    parts = [CaptionBatches(train, rank=rank, ranks=ranks)[rows] for rank in range(ranks)]
    real = [part for part in parts if part.weight]
    assert sorted(row for part in real for row in part.rows.tolist()) == [0, 1, 2, 3, 4]
    assert sum(len(part.owner) for part in real) == len(whole.owner)
    assert all(part.weight == pytest.approx(ranks * whole.weight) for part in real)
