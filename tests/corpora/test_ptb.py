"""PTB from a mirror and from its author's archive; the lines are made up."""

import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.corpora import PtbCorpus
from pipeline.corpora import download, ptb
from pipeline.errors import UserError

PLACE = "/simple-examples.tgz"
LINES = {
    "train": ["a firm <unk> sold N shares", "the chief is <unk>", "a\u2028b"],
    "validation": ["no shares were sold"],
    "test": ["the firm 's <unk> N", "shares rose"],
}
FILES = {"train": "ptb.train.txt", "validation": "ptb.valid.txt", "test": "ptb.test.txt"}


def _archive(lines: dict[str, list[str]] = LINES, **other: bytes) -> bytes:
    """As the author's: a blank at both ends of a line, other files beside those that are read."""
    texts = {FILES[split]: "".join(f" {line} \n" for line in rows).encode() for split, rows in lines.items()}
    texts |= {"ptb.char.test.txt": b"a _ b\n"} | {FILES[split]: text for split, text in other.items()}
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        folder = tarfile.TarInfo("./simple-examples/data")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, text in texts.items():
            member = tarfile.TarInfo(f"./simple-examples/data/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    return stream.getvalue()


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ptb, "ROWS", {split: len(lines) for split, lines in LINES.items()})


def _corpus(url: str = "none", **settings: Any) -> PtbCorpus:
    base = {"reader": "ptb", "sources": ["upstream"], "upstream": {"url": url}, "retries": 0}
    return PtbCorpus.model_validate(base | settings)


def test_the_same_from_everywhere(server: Any, tmp_path: Path, write_mirror: Any) -> None:
    server.files[PLACE] = _archive()
    upstream = download("ptb", _corpus(server.url + PLACE), tmp_path / "upstream")
    rows = {split: [{"text": line} for line in lines] for split, lines in LINES.items()}
    mirror = write_mirror(tmp_path / "mirror", "ptb", rows)
    mirrored = download("ptb", _corpus(sources=["mirror"], mirror=str(mirror)), tmp_path / "mirrored")
    assert upstream["splits"] == mirrored["splits"]
    assert (upstream["source"], mirrored["source"]) == ("upstream", "mirror")
    for split, lines in LINES.items():
        assert pq.read_table(tmp_path / f"upstream/{split}.parquet")["text"].to_pylist() == lines


def test_the_archives_digest_is_checked(server: Any, tmp_path: Path) -> None:
    server.files[PLACE] = _archive()
    remote = {"url": server.url + PLACE, "md5": hashlib.md5(_archive()).hexdigest()}
    download("ptb", _corpus(upstream=remote), tmp_path / "right")
    with pytest.raises(UserError, match="other bytes than promised"):
        download("ptb", _corpus(upstream=remote | {"md5": "0" * 32}), tmp_path / "wrong")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (_archive()[:150], r"truncated or no tar\.gz archive"),
        (b"<html>", r"truncated or no tar\.gz archive"),
        (
            _archive({"train": LINES["train"], "test": LINES["test"]}),
            "validation: the file is not in the archive",
        ),
        (_archive(LINES | {"test": ["the firm"]}), "test: has 1 rows; needs 2; fetch it again"),
        (_archive(LINES | {"test": ["the firm", ""]}), r"test, row 1 \(from 0\), column text: is empty"),
        (_archive(validation=b" no \xff \n"), r"validation: not UTF-8 \(byte 4\); fetch it again"),
    ],
    ids=["truncated", "no archive", "file missing", "line missing", "empty line", "not UTF-8"],
)
def test_a_broken_archive_is_named(server: Any, tmp_path: Path, content: bytes, line: str) -> None:
    server.files[PLACE] = content
    with pytest.raises(UserError, match=line):
        download("ptb", _corpus(server.url + PLACE), tmp_path / "out")
    assert not (tmp_path / "out").exists()
