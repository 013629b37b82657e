"""Flickr8k from the hub's Parquet files and from a mirror; photographs are made up."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.corpora import Flickr8kCorpus
from pipeline.corpora import download, flickr8k
from pipeline.errors import UserError
from pipeline.images import jpeg, png, read_image

SIZES = {"train": 7, "validation": 3, "test": 2}
PLACE = "/api/datasets/someone/flickr8k"
Rows = dict[str, list[dict[str, Any]]]


def photograph(number: int) -> bytes:
    """Every other one has the right size already."""
    shape = (96, 96, 3) if number % 2 else (60, 120, 3)
    colours = np.full(shape, 20 * number, dtype=np.uint8)
    colours[:, : shape[1] // 2] = 200
    return jpeg(colours) if number % 2 else png(colours)


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Rows:
    """As a mirror has them."""
    monkeypatch.setattr(flickr8k, "ROWS", SIZES)
    monkeypatch.setattr(flickr8k, "AT_ONCE", 2)
    return {
        split: [
            {
                "image": {"bytes": photograph(row), "path": f"{row}.jpg"},
                "captions": [f"a {split} é no. {row} , {n} ." for n in range(5)],
            }
            for row in range(size)
        ]
        for split, size in SIZES.items()
    }


def parquet(rows: list[dict[str, Any]]) -> bytes:
    """As the hub has them: a column per caption."""
    columns = {f"caption_{n}": [row["captions"][n] for row in rows] for n in range(5)}
    buffer = io.BytesIO()
    pq.write_table(pa.table({"image": [row["image"] for row in rows]} | columns), buffer)
    return buffer.getvalue()


@pytest.fixture
def hub(server: Any, rows: Rows) -> Any:
    """Serves the training split in two files, the others in one."""
    listed = {}
    for split, content in rows.items():
        parts = [content[:4], content[4:]] if split == "train" else [content]
        listed[split] = [f"{server.url}/files/{split}/{number}.parquet" for number in range(len(parts))]
        for number, part in enumerate(parts):
            server.files[f"/files/{split}/{number}.parquet"] = parquet(part)
    server.files[f"{PLACE}/parquet"] = json.dumps({"default": listed}).encode()
    return server


def corpus(url: str, **settings: Any) -> Flickr8kCorpus:
    settings = {"sources": ["upstream"], "retries": 1, "timeout_seconds": 5.0} | settings
    return Flickr8kCorpus.model_validate(settings | {"reader": "flickr8k", "upstream": f"{url}{PLACE}"})


def test_it_is_the_same_from_everywhere(
    hub: Any, rows: Rows, write_mirror: Callable[..., Path], tmp_path: Path
) -> None:
    mirror = write_mirror(tmp_path / "mirror", "flickr8k", rows)
    upstream = download("photos", corpus(hub.url), tmp_path / "out")
    again = corpus(hub.url, sources=["mirror"], mirror=str(mirror))
    assert download("photos", again, tmp_path / "again")["splits"] == upstream["splits"]
    assert {split: facts["rows"] for split, facts in upstream["splits"].items()} == SIZES
    for path in (tmp_path / "out").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_photographs_are_squeezed_once_and_captions_kept(hub: Any, rows: Rows, tmp_path: Path) -> None:
    download("photos", corpus(hub.url), tmp_path / "out")
    for split, given in rows.items():
        table = pq.read_table(tmp_path / f"out/{split}.parquet").to_pylist()
        assert [row["captions"] for row in table] == [row["captions"] for row in given]
        for number, (found, row) in enumerate(zip(table, given, strict=True)):
            assert (found["image"] == row["image"]["bytes"]) == (number % 2 == 1)
            pixels = read_image(found["image"], "found")
            assert pixels.shape == (96, 96, 3)
            # The whole of it: the left half is light, the right one dark.
            assert abs(int(pixels[48, 10, 0]) - 200) < 8
            assert abs(int(pixels[48, 85, 0]) - 20 * number) < 8


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>", "flickr8k/parquet: not the hub's list of Parquet files"),
        (b"[]", "not the hub's list of Parquet files"),
        (b'{"default": {"train": []}}', "flickr8k/parquet: lists no files of split train; it has train"),
    ],
)
def test_another_answer_than_the_hubs_list(content: bytes, message: str, hub: Any, tmp_path: Path) -> None:
    hub.files[f"{PLACE}/parquet"] = content
    with pytest.raises(UserError, match=message):
        download("photos", corpus(hub.url), tmp_path / "out")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"image": {"bytes": b"GIF89a?", "path": "x"}},
            r"1\.parquet, row 2 \(from 0\), column image: no picture",
        ),
        ({"image": {"bytes": None, "path": "x"}}, r"row 6 \(from 0\), column image"),
        ({"captions": ["a", "b", " ", "d", "e"]}, r"row 6 \(from 0\), column captions"),
    ],
)
def test_a_bad_row_is_named(
    change: dict[str, Any], message: str, hub: Any, rows: Rows, tmp_path: Path
) -> None:
    hub.files["/files/train/1.parquet"] = parquet([*rows["train"][4:6], rows["train"][6] | change])
    with pytest.raises(UserError, match=message):
        download("photos", corpus(hub.url), tmp_path / "out")


def test_files_that_are_not_what_they_should_be(hub: Any, tmp_path: Path) -> None:
    path = "/files/test/0.parquet"
    whole = hub.files[path]
    hub.files[path] = whole[:-9]
    with pytest.raises(UserError, match=r"test/0\.parquet: truncated or not Parquet"):
        download("photos", corpus(hub.url), tmp_path / "out")
    buffer = io.BytesIO()
    pq.write_table(pq.read_table(io.BytesIO(whole)).drop_columns(["caption_3"]), buffer)
    hub.files[path] = buffer.getvalue()
    message = r"test/0\.parquet: lacks column caption_3; it has image, caption_0"
    with pytest.raises(UserError, match=message):
        download("photos", corpus(hub.url), tmp_path / "out")
    hub.files[path] = hub.files["/files/validation/0.parquet"]
    with pytest.raises(UserError, match=r"test: has 3 rows; needs 2"):
        download("photos", corpus(hub.url), tmp_path / "out")


def test_a_mirror_with_other_columns(
    hub: Any, rows: Rows, write_mirror: Callable[..., Path], tmp_path: Path
) -> None:
    other = {split: [{"picture": "x"} for _ in content] for split, content in rows.items()}
    mirror = write_mirror(tmp_path / "mirror", "flickr8k", other)
    with pytest.raises(UserError, match=r"train\.parquet: columns are picture; needs image, captions"):
        download("photos", corpus(hub.url, sources=["mirror"], mirror=str(mirror)), tmp_path / "out")
