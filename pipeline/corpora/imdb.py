"""Large Movie Review Dataset v1.0 (Maas et al. 2011): English film reviews, half of them labelled."""

import gzip
import re
import tarfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from pipeline.config.schema.corpora import ImdbCorpus
from pipeline.corpora.canonical import Split, checked, text_schema
from pipeline.corpora.fetch import Fetcher
from pipeline.errors import UserError

NOTES: tuple[str, ...] = ()
LICENCE = "no licence text published; free for research with citation; reviews are their authors' copyright"
CITATION = "Maas et al. 2011, Learning Word Vectors for Sentiment Analysis, ACL"
ROWS = {"train": 25_000, "test": 25_000, "unsupervised": 50_000}
LABELS = {"neg": 0, "pos": 1, "unsup": -1}
MEMBER = re.compile(r"aclImdb/(train|test)/(neg|pos|unsup)/(\d+)_(\d+)\.txt")
"""Name of a review in the archive: split, class, number, rating."""

Review = tuple[int, int, int, str]
"""Label, number, rating, text: sorts into the canonical order."""


def splits() -> list[Split]:
    labelled = text_schema("text", label=pa.int64(), rating=pa.int8())
    ratings = frozenset({1, 2, 3, 4, 7, 8, 9, 10})
    allowed = {"label": frozenset({0, 1}), "rating": ratings}
    unlabelled = text_schema("text", label=pa.int64())
    return [
        Split("train", labelled, ROWS["train"], allowed),
        Split("test", labelled, ROWS["test"], allowed),
        Split("unsupervised", unlabelled, ROWS["unsupervised"], {"label": frozenset({-1})}),
    ]


def tables(corpus: ImdbCorpus, fetcher: Fetcher, scratch: Path) -> Iterator[tuple[Split, pa.Table]]:
    """The official archive, read as a stream: its 100,000 files never touch the disk.

    Raises:
        UserError: no archive, other bytes, broken, reviews missing, empty or not UTF-8 (named).
    """
    remote, archive = corpus.upstream, scratch / "aclImdb.tar.gz"
    fetcher.get(remote.url, archive, sha256=remote.sha256, md5=remote.md5)
    reviews: defaultdict[str, list[Review]] = defaultdict(list)
    try:
        for split_name, review in _reviews(archive):
            reviews[split_name].append(review)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise UserError(f"{remote.url}: truncated or no tar.gz archive ({error})") from error
    archive.unlink()
    for split in splits():
        rows = sorted(reviews.pop(split.name, []))
        _check_numbers(rows, f"{remote.url}, {split.name}")
        columns = {
            "text": [text for *_, text in rows],
            "label": [label for label, *_ in rows],
            "rating": [rating for _, _, rating, _ in rows],
        }
        table = pa.table({name: columns[name] for name in split.schema.names}, split.schema)
        yield split, checked(table, split, f"{remote.url}, {split.name}")


def _reviews(archive: Path) -> Iterator[tuple[str, Review]]:
    # gzip apart from tarfile, which takes some truncated archives for ended ones.
    with gzip.open(archive) as stream, tarfile.open(fileobj=stream, mode="r|") as members:
        for member in members:
            match = MEMBER.fullmatch(member.name.removeprefix("./"))
            if not match:
                continue
            part, kind, number, rating = match.groups()
            file = members.extractfile(member)
            assert file is not None
            try:
                text = file.read().decode()
            except UnicodeDecodeError as error:
                raise UserError(f"{member.name}: not UTF-8 (byte {error.start}); fetch it again") from error
            if not text.strip():
                raise UserError(f"{member.name}: is empty; fetch it again")
            yield "unsupervised" if kind == "unsup" else part, (LABELS[kind], int(number), int(rating), text)


def _check_numbers(rows: list[Review], where: str) -> None:
    """Every class numbers its reviews 0, 1, … without a gap."""
    expected: defaultdict[int, int] = defaultdict(int)
    for label, number, _, _ in rows:
        if number != expected[label]:
            kind = next(kind for kind, value in LABELS.items() if value == label)
            raise UserError(f"{where}: review {expected[label]} of {kind} is missing; fetch it again")
        expected[label] += 1
