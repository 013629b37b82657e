"""Flickr8k (Hodosh et al. 2013): 8,000 photographs of people and dogs, five English captions each.

The whole of each photograph, squeezed into a square of 96 pixels.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config.schema.corpora import Flickr8kCorpus
from pipeline.corpora import canonical
from pipeline.corpora.canonical import Split, checked
from pipeline.corpora.captioned import SCHEMA
from pipeline.corpora.fetch import Fetcher
from pipeline.errors import UserError
from pipeline.images import jpeg, read_image

NOTES = (
    "Photographs are squeezed into squares of 96 pixels: people and dogs look slimmer than they are, small "
    "things are gone. Those of the hub are reduced here, a mirror's were reduced from squares of 224: they "
    "look alike, but not every pixel is the same.",
    "871 of the 1,000 test photographs (867 of validation) are in Multi30k's training split with captions of "
    "their own: a captioner must not be pretrained on Multi30k.",
    "Two training photographs are the same. Captions of one photograph differ much.",
    "The photographs belong to those who took them. They are lent for research and education: publish none, "
    "nor a report whose page shows some.",
)
"""What to know before believing a number; the report shows it."""
LICENCE = "research and education only, non-commercial; photographs belong to their Flickr authors"
CITATION = (
    "Hodosh, Young and Hockenmaier 2013, Framing Image Description as a Ranking Task, "
    "Journal of Artificial Intelligence Research 47"
)
ROWS = {"train": 6_000, "validation": 1_000, "test": 1_000}
SIDE, QUALITY = 96, 85
CAPTIONS = 5
COLUMNS = [f"caption_{number}" for number in range(CAPTIONS)]
"""The hub's, beside `image`."""
AT_ONCE = 100
"""Photographs of full size that are in memory together."""


def splits() -> list[Split]:
    return [Split(name, SCHEMA, rows, items=CAPTIONS) for name, rows in ROWS.items()]


def tables(corpus: Flickr8kCorpus, fetcher: Fetcher, scratch: Path) -> Iterator[tuple[Split, pa.Table]]:
    """The hub's Parquet files, split by split.

    Raises:
        UserError: names the file and row that is missing, broken or no picture.
    """
    listed = _listed(f"{corpus.upstream.rstrip('/')}/parquet", fetcher, scratch)
    for split in splits():
        if not listed.get(split.name):
            raise UserError(
                f"{corpus.upstream}/parquet: lists no files of split {split.name}; "
                f"it has {', '.join(listed) or 'none'}"
            )
        parts = []
        for url in listed[split.name]:
            local = scratch / "part"
            fetcher.get(url, local)
            parts.append(pa.concat_tables(_reduced(local, url)))
            local.unlink()
        yield split, checked(pa.concat_tables(parts), split, f"{corpus.upstream}, {split.name}")


def read(path: Path, where: str) -> pa.Table:
    """A mirror's file: pictures of the right size with a list of captions."""
    table = canonical.read(path, where)
    if table.column_names != ["image", "captions"] or not pa.types.is_struct(table["image"].type):
        return table  # which `checked` explains
    files = [value and value["bytes"] for value in table["image"].to_pylist()]
    return _table([_fitting(each, where, row) for row, each in enumerate(files)], table["captions"])


def _listed(url: str, fetcher: Fetcher, scratch: Path) -> dict[str, list[str]]:
    """Split -> URLs of its files, as the hub's API answers: {configuration: {split: [URL, ...]}}."""
    path = scratch / "listed.json"
    fetcher.get(url, path)
    try:
        (found,) = json.loads(path.read_text(encoding="utf-8")).values()
        return {str(split): [str(file) for file in files] for split, files in found.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise UserError(f"{url}: not the hub's list of Parquet files ({error})") from error


def _reduced(path: Path, url: str) -> Iterator[pa.Table]:
    try:
        file = pq.ParquetFile(path)
        if missing := [name for name in ("image", *COLUMNS) if name not in file.schema_arrow.names]:
            has = ", ".join(file.schema_arrow.names)
            raise UserError(f"{url}: lacks column {', '.join(missing)}; it has {has}")
        row = 0
        for batch in file.iter_batches(AT_ONCE, columns=["image", *COLUMNS]):
            files = [value and value["bytes"] for value in batch["image"].to_pylist()]
            pictures = [_fitting(each, url, row + place) for place, each in enumerate(files)]
            captions = zip(*(batch[name].to_pylist() for name in COLUMNS), strict=True)
            yield _table(pictures, pa.array([list(own) for own in captions], pa.list_(pa.string())))
            row += len(batch)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise UserError(f"{url}: truncated or not Parquet ({reason}); fetch it again") from error


def _fitting(content: bytes | None, where: str, row: int) -> bytes | None:
    """The file as it is where its picture has the right size."""
    if not content:
        return content  # which `checked` explains
    place = f"{where}, row {row} (from 0), column image"
    pixels = read_image(content, place)
    if pixels.shape[:2] == (SIDE, SIDE):
        return content
    return jpeg(read_image(content, place, SIDE), QUALITY)


def _table(pictures: list[bytes | None], captions: Any) -> pa.Table:
    return pa.table([pa.array(pictures, pa.binary()), captions], ["image", "captions"])
