"""Free Spoken Digit Dataset: the English digits, spoken one at a time by six people."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.config.schema.corpora import SpeechDigitsCorpus
from pipeline.corpora.canonical import Split, checked
from pipeline.corpora.fetch import Fetcher
from pipeline.corpora.spoken import SCHEMA, TESTED
from pipeline.errors import UserError
from pipeline.sounds import read_wav

NOTES = (
    "All six speakers are in both splits: the test split says nothing of how a new speaker is understood. "
    "Datasets hold one speaker out.",
    "Loudness differs much from speaker to speaker (median peaks of 967 to 15,519 out of 32,768): recordings "
    "have to be brought to one level.",
    "Recordings begin and end with the word, so digits that are joined follow each other without a pause.",
)
"""What to know before believing a number; the report shows it."""
LICENCE = "CC BY-SA 4.0"
CITATION = "Jackson et al. 2018, Free Spoken Digit Dataset, doi:10.5281/zenodo.1342401"
ROWS = {"train": 2_700, "test": 300}
MEMBER = re.compile(r"[^/]+/recordings/((\d)_([a-z]+)_(\d+)\.wav)")
"""File, digit, speaker, which of the speaker's recordings of it."""


def splits() -> list[Split]:
    values = {"digit": frozenset(range(10))}
    return [Split(name, SCHEMA, rows, values) for name, rows in ROWS.items()]


def tables(corpus: SpeechDigitsCorpus, fetcher: Fetcher, scratch: Path) -> Iterator[tuple[Split, pa.Table]]:
    """The repository's recordings by digit, speaker and index, of which the first five are the test split's.

    Raises:
        UserError: names the archive, or the file in it, that is missing or broken.
    """
    url, path = f"{corpus.upstream.rstrip('/')}/archive/{corpus.revision}.zip", scratch / "recordings.zip"
    fetcher.get(url, path)
    try:
        with zipfile.ZipFile(path) as archive:
            rows = [_row(archive, name, url) for name in archive.namelist() if MEMBER.fullmatch(name)]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise UserError(f"{url}: truncated or no zip archive ({error}); fetch it again") from error
    rows.sort(key=lambda row: (row["digit"], row["speaker"], row["index"]))
    for split in splits():
        own = [row for row in rows if (row["index"] < TESTED) == (split.name == "test")]
        yield split, checked(pa.Table.from_pylist(own, SCHEMA), split, f"{url}, {split.name}")


def _row(archive: zipfile.ZipFile, name: str, url: str) -> dict[str, Any]:
    match = MEMBER.fullmatch(name)
    assert match
    content = archive.read(name)
    return {
        "audio": {"bytes": content, "path": match[1]},
        "digit": int(match[2]),
        "speaker": match[3],
        "index": int(match[4]),
        "num_samples": len(read_wav(content, f"{url}, {name}")),
    }
