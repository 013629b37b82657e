"""Pictures of one size, and the captions of each."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from pipeline.config.schema.datasets import CaptionedImages
from pipeline.data.kinds.base import path_of, statistics
from pipeline.data.pictures import CAPTION, write_split
from pipeline.errors import UserError
from pipeline.files import write_json
from pipeline.images import Pixels, read_image
from pipeline.text.tokenizer import Tokenizer

AT_ONCE = 256
"""Picture files that are in memory together."""


class CaptionedImagesKind:
    def __init__(self, dataset: CaptionedImages) -> None:
        self._dataset = dataset

    def write(self, raw: Path, folder: Path) -> dict[str, Any]:
        """Writes the captions' tokenizer, and by split pixels, token ids and the captions as they are.

        Returns:
            statistics: pictures, tokens, lengths, unknown words by split, pictures that two splits share,
                vocabulary.

        Raises:
            UserError: a split or column is missing, or a picture can't be read.
        """
        dataset = self._dataset
        names = ["train", "validation", *dataset.tests]
        paths = {name: path_of(raw, name, "`tests`") for name in names}
        captions = {name: _captions(path) for name, path in paths.items()}
        tokenizer = Tokenizer.train(
            (text for own in captions["train"] for text in own), **dataset.tokenizer.model_dump()
        )
        (folder / f"{CAPTION}.tokenizer.json").write_text(tokenizer.to_json(), encoding="utf-8")
        found: dict[str, Any] = {}
        digests = {}
        for name, path in paths.items():
            (folder / name).mkdir()
            images, digests[name] = self._images(path)
            ids = [
                [np.array(each, dtype=np.uint16) for each in tokenizer.encode_batch(own)]
                for own in captions[name]
            ]
            write_split(folder / name, images, ids)
            pq.write_table(_rows(path), folder / name / "rows.parquet", row_group_size=500)
            found[name] = statistics(folder / name, [CAPTION]) | {"rows": len(images)}
        description = {
            "kind": dataset.kind,
            "splits": {name: len(own) for name, own in captions.items()},
            "tests": dataset.tests,
            "columns": [CAPTION],
            "vocabulary": {CAPTION: tokenizer.size},
            "side": dataset.side,
            "lowercase": dataset.tokenizer.lowercase,
        }
        write_json(folder / "dataset.json", description)
        shared = [
            {"splits": ["train", name], "rows": sum(each in set(digests["train"]) for each in own)}
            for name, own in digests.items()
            if name != "train"
        ]
        return {"splits": found, "vocabulary": description["vocabulary"], "overlaps": shared}

    def _images(self, path: Path) -> tuple[Pixels, list[bytes]]:
        """Pixels (n, side, side, 3), and a digest of each."""
        side = self._dataset.side
        rows = pq.ParquetFile(path).metadata.num_rows
        images = np.empty((rows, side, side, 3), dtype=np.uint8)
        for row, content in enumerate(_files(path)):
            images[row] = read_image(content, f"{path}, row {row} (from 0), column image", side)
        return images, [hashlib.sha256(image).digest() for image in images]


def _captions(path: Path) -> list[list[str]]:
    names = pq.read_schema(path).names
    for column in ("image", "captions"):
        if column not in names:
            raise UserError(f"{path}: has no column {column!r}; it has {', '.join(names)}")
    captions: list[list[str]] = pq.read_table(path, columns=["captions"])["captions"].to_pylist()
    return captions


def _files(path: Path) -> Iterator[bytes]:
    for batch in pq.ParquetFile(path).iter_batches(AT_ONCE, columns=["image"]):
        yield from batch["image"].to_pylist()


def _rows(path: Path) -> Any:
    """The raw text: column references."""
    return pq.read_table(path, columns=["captions"]).rename_columns(["references"])
