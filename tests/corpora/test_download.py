"""Readers and transports together, against small corpora in the publishers' layouts."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.corpora import ImdbCorpus, Multi30kCorpus
from pipeline.corpora import download
from pipeline.errors import UserError

ARCHIVE = "/sentiment/aclImdb_v1.tar.gz"


def _imdb(url: str, md5: str | None = None, **settings: Any) -> ImdbCorpus:
    settings = {"sources": ["upstream"], "retries": 2, "timeout_seconds": 5.0} | settings
    return ImdbCorpus.model_validate(settings | {"reader": "imdb", "upstream": {"url": url, "md5": md5}})


def _multi30k(url: str, **settings: Any) -> Multi30kCorpus:
    settings = {"sources": ["upstream"], "retries": 2, "timeout_seconds": 5.0} | settings
    return Multi30kCorpus.model_validate(settings | {"reader": "multi30k", "upstream": url})


def _rows(folder: Path) -> dict[str, Any]:
    return {path.stem: pq.read_table(path).to_pylist() for path in folder.glob("*.parquet")}


def _left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.exists() else []


@pytest.fixture
def served(server: Any, imdb_archive: Any, pack: Any) -> Any:
    server.files[ARCHIVE] = pack(imdb_archive)
    return server


# ---------------------------------------------------------------------------------------- contract


@pytest.mark.parametrize("transport", ["upstream", "folder", "http"])
def test_imdb_is_the_same_from_everywhere(
    transport: str, served: Any, imdb_rows: Any, write_mirror: Any, tmp_path: Path
) -> None:
    mirror = write_mirror(tmp_path / "mirror", "imdb", imdb_rows)
    served.serve(mirror)
    place = {"upstream": None, "folder": str(mirror), "http": f"{served.url}/"}[transport]
    corpus = _imdb(served.url + ARCHIVE, sources=["mirror", "upstream"], mirror=place)
    provenance = download("films", corpus, tmp_path / "out")
    assert _rows(tmp_path / "out") == imdb_rows
    assert provenance["source"] == ("upstream" if transport == "upstream" else "mirror")
    # It is committed: no path of this machine stands in it.
    assert (
        provenance["place"]
        == {"upstream": served.url + ARCHIVE, "folder": "mirror", "http": place}[transport]
    )
    assert provenance["corpus"] == "films"
    assert provenance["reader"] == "imdb"
    digests = {split: facts["sha256"] for split, facts in provenance["splits"].items()}
    lines = ['[["text","string"],["label","int64"]]', *(f'["seen {i}",-1]' for i in range(11)), ""]
    assert digests["unsupervised"] == hashlib.sha256("\n".join(lines).encode()).hexdigest()
    upstream = download("films", _imdb(served.url + ARCHIVE), tmp_path / "again")
    assert digests == {split: facts["sha256"] for split, facts in upstream["splits"].items()}
    for path in (tmp_path / "out").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


@pytest.mark.parametrize("transport", ["upstream", "folder"])
def test_multi30k_is_the_same_from_everywhere(
    transport: str, server: Any, multi30k_rows: Any, multi30k_files: Any, write_mirror: Any, tmp_path: Path
) -> None:
    server.files |= multi30k_files
    place = None
    if transport == "folder":
        place = str(write_mirror(tmp_path / "mirror", "multi30k", multi30k_rows))
    corpus = _multi30k(server.url + "/", sources=["mirror", "upstream"], mirror=place)
    provenance = download("captions", corpus, tmp_path / "out")
    assert _rows(tmp_path / "out") == multi30k_rows
    assert {split: facts["rows"] for split, facts in provenance["splits"].items()} == {
        split: len(rows) for split, rows in multi30k_rows.items()
    }
    upstream = download("captions", _multi30k(server.url), tmp_path / "again")
    assert provenance["splits"] == upstream["splits"]


def test_environment_goes_before_params_and_may_be_relative(
    imdb_rows: Any, write_mirror: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mirror(tmp_path / "good", "imdb", imdb_rows)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CORPORA_MIRROR", "good")
    corpus = _imdb("http://127.0.0.1:9/none", sources=["mirror"], mirror=str(tmp_path / "bad"))
    assert download("films", corpus, tmp_path / "out")["place"] == "good"


# ----------------------------------------------------------------------------------- misbehaviour


@pytest.mark.parametrize("faults", [["cut"], ["503", "503"], ["cut", "500"], ["429"], ["slow"]])
def test_passing_faults_are_sat_out(faults: list[str], served: Any, imdb_rows: Any, tmp_path: Path) -> None:
    served.faults[ARCHIVE] = list(faults)
    download("films", _imdb(served.url + ARCHIVE), tmp_path / "out")
    assert _rows(tmp_path / "out") == imdb_rows
    assert served.requests[ARCHIVE] == (1 if faults == ["slow"] else 1 + len(faults))


def test_slow_is_not_silent(served: Any, tmp_path: Path) -> None:
    """The time-out is for silence; a transfer that takes longer in all is fine."""
    served.faults[ARCHIVE] = ["slow"]
    served.files[ARCHIVE] = served.files[ARCHIVE] + b"\0" * 97 * 40
    download("films", _imdb(served.url + ARCHIVE, timeout_seconds=0.5), tmp_path / "out")
    assert served.requests[ARCHIVE] == 1


@pytest.mark.parametrize(
    ("faults", "settings", "message", "requests"),
    [
        (["503"] * 9, {}, "HTTP 503 Service Unavailable after 3 attempts", 3),
        (["cut"] * 9, {}, "the connection broke off after 3 attempts", 3),
        (["silent"] * 9, {"timeout_seconds": 0.1}, "the server fell silent after 3 attempts", 3),
        (["403"], {}, "HTTP 403 Forbidden;", 1),
        (["404"], {}, "not there", 1),
        ([], {"md5": "0" * 32}, r"other bytes than promised \(md5 [0-9a-f]{32}, expected 0{32}\)", 1),
    ],
)
def test_lasting_faults_leave_nothing(
    faults: list[str], settings: Any, message: str, requests: int, served: Any, tmp_path: Path
) -> None:
    served.faults[ARCHIVE] = list(faults)
    with pytest.raises(UserError, match=message):
        download("films", _imdb(served.url + ARCHIVE, **settings), tmp_path / "raw" / "films")
    assert served.requests[ARCHIVE] == requests
    assert _left_in(tmp_path / "raw") == []


def test_a_failure_keeps_what_an_earlier_download_wrote(served: Any, imdb_rows: Any, tmp_path: Path) -> None:
    download("films", _imdb(served.url + ARCHIVE), tmp_path / "out")
    served.faults[ARCHIVE] = ["404"]
    with pytest.raises(UserError):
        download("films", _imdb(served.url + ARCHIVE), tmp_path / "out")
    assert _rows(tmp_path / "out") == imdb_rows
    assert _left_in(tmp_path) == ["out"]


def test_when_no_source_works_one_line_says_what_was_tried_and_what_helps(tmp_path: Path) -> None:
    corpus = _imdb(
        "http://127.0.0.1:9/x.tar.gz", sources=["mirror", "upstream"], mirror="/no/where", retries=0
    )
    with pytest.raises(UserError) as caught:
        download("films", corpus, tmp_path / "out")
    message = str(caught.value)
    assert message.count("\n") == 0
    assert message.startswith("corpora.films: no source works: mirror /no/where/manifest.json: not there")
    assert "upstream http://127.0.0.1:9/x.tar.gz: can't connect (" in message
    assert message.endswith("(CORPORA_MIRROR=/path/to/mirror) or run `make demo`, which needs no corpora")
    corpus = corpus.model_copy(update={"mirror": None})
    with pytest.raises(UserError, match="mirror: none named by CORPORA_MIRROR or params; upstream"):
        download("films", corpus, tmp_path / "out")


def test_a_broken_mirror_is_passed_over_aloud(
    served: Any, imdb_rows: Any, write_mirror: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror = write_mirror(tmp_path / "mirror", "imdb", imdb_rows)
    (mirror / "imdb" / "test.parquet").write_bytes(b"garbage")
    corpus = _imdb(served.url + ARCHIVE, sources=["mirror", "upstream"], mirror=str(mirror))
    assert download("films", corpus, tmp_path / "out")["source"] == "upstream"
    assert _rows(tmp_path / "out") == imdb_rows
    error = capsys.readouterr().err
    assert error.startswith("download films: took upstream, since mirror ")
    assert "imdb/test.parquet: other bytes than promised (sha256 " in error


# ------------------------------------------------------------------------------- broken mirrors


def _break_file(mirror: Path, content: Callable[[bytes], bytes], *, honest: bool) -> None:
    """Changes imdb/train.parquet; `honest` brings the manifest in line with it."""
    path = mirror / "imdb" / "train.parquet"
    path.write_bytes(content(path.read_bytes()))
    manifest = json.loads((mirror / "manifest.json").read_text())
    if honest:
        manifest["corpora"]["imdb"]["files"][0]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        (mirror / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("content", "honest", "message"),
    [
        (lambda old: old[:-7], False, "imdb/train.parquet: other bytes than promised"),
        (lambda old: old[:-7], True, "imdb/train.parquet: truncated or not Parquet"),
        (lambda old: b"", True, "imdb/train.parquet: truncated or not Parquet"),
    ],
)
def test_truncated_mirror_file(
    content: Any, honest: bool, message: str, imdb_rows: Any, write_mirror: Any, tmp_path: Path
) -> None:
    mirror = write_mirror(tmp_path / "mirror", "imdb", imdb_rows)
    _break_file(mirror, content, honest=honest)
    with pytest.raises(UserError, match=message):
        download("films", _imdb("", sources=["mirror"], mirror=str(mirror)), tmp_path / "out")
    assert _left_in(tmp_path) == ["mirror"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: {"text": row["text"]}, "train.parquet: columns are text; needs text, label, rating"),
        (lambda row: row | {"text": " "}, r"train.parquet, row 0 \(from 0\), column text: is empty"),
        (lambda row: row | {"rating": 5}, r"column rating: 5 is not one of 1, 2, 3, 4, 7"),
        (lambda row: row | {"label": str(row["label"])}, "column label holds string; needs int64"),
    ],
)
def test_wrong_mirror_content(
    change: Any, message: str, imdb_rows: Any, write_mirror: Any, tmp_path: Path
) -> None:
    rows = imdb_rows | {"train": [change(row) for row in imdb_rows["train"]]}
    mirror = write_mirror(tmp_path / "mirror", "imdb", rows)
    with pytest.raises(UserError, match=message):
        download("films", _imdb("", sources=["mirror"], mirror=str(mirror)), tmp_path / "out")


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("{", "manifest.json: not JSON"),
        ("[]", "manifest.json: lacks imdb with source and files"),
        ('{"corpora": {"ptb": {}}}', "manifest.json: lacks imdb"),
        ('{"corpora": {"imdb": {"source": "", "files": []}}}', "manifest.json: has no split train with path"),
    ],
)
def test_wrong_manifest(manifest: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(UserError, match=message):
        download("films", _imdb("", sources=["mirror"], mirror=str(tmp_path)), tmp_path / "out")


# ------------------------------------------------------------------------------- broken upstream


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"aclImdb/train/neg/1_2.txt": b"bad \xff"}, r"aclImdb/train/neg/1_2.txt: not UTF-8 \(byte 4\)"),
        ({"aclImdb/train/neg/1_2.txt": b"\n"}, "aclImdb/train/neg/1_2.txt: is empty"),
        ({"aclImdb/train/neg/1_2.txt": None}, "train: review 1 of neg is missing"),
        ({"aclImdb/test/pos/2_9.txt": None}, "test: has 4 rows; needs 5"),
        ({"aclImdb/test/pos/2_9.txt": None, "aclImdb/test/pos/2_6.txt": b"x"}, "6 is not one of 1, 2, 3"),
    ],
)
def test_faults_in_the_imdb_archive(
    change: dict[str, bytes | None], message: str, server: Any, imdb_archive: Any, pack: Any, tmp_path: Path
) -> None:
    assert "aclImdb/test/pos/2_9.txt" in imdb_archive
    members = {name: content for name, content in (imdb_archive | change).items() if content is not None}
    server.files[ARCHIVE] = pack(members)
    with pytest.raises(UserError, match=message):
        download("films", _imdb(server.url + ARCHIVE), tmp_path / "out")


@pytest.mark.parametrize("content", [lambda old: old[:150], lambda old: b"<html>sign in</html>"])
def test_a_broken_imdb_archive(content: Any, served: Any, tmp_path: Path) -> None:
    served.files[ARCHIVE] = content(served.files[ARCHIVE])
    with pytest.raises(UserError, match=r"truncated or no tar\.gz archive"):
        download("films", _imdb(served.url + ARCHIVE), tmp_path / "out")


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("/data/task1/raw/val.de.gz", b"a\n\xe9\nc\nd\ne\n", r"raw/val.de.gz, line 2: not UTF-8 \(byte 0\)"),
        ("/data/task1/raw/val.de.gz", b"a\nb\n \nd\ne\n", "raw/val.de.gz, line 3: is empty"),
        ("/data/task1/raw/val.de.gz", b"a\nb\nc\n", "val.de.gz: has 3 lines, needs 5 as .*val.en.gz"),
        ("/data/task2/raw/train.4.de.gz", b"a\n", "train.4.de.gz: has 1 lines, needs 7 as .*train.1.en.gz"),
        ("/data/task1/raw/val.de.gz", None, "val.de.gz: truncated or not gzip"),
    ],
)
def test_faults_in_multi30k_files(
    path: str, content: bytes | None, message: str, server: Any, multi30k_files: Any, tmp_path: Path
) -> None:
    server.files |= multi30k_files
    assert path in server.files
    server.files[path] = server.files[path][:-9] if content is None else gzip.compress(content)
    with pytest.raises(UserError, match=message):
        download("captions", _multi30k(server.url), tmp_path / "out")
    assert _left_in(tmp_path) == []


def test_multi30k_with_rows_missing_everywhere(server: Any, multi30k_files: Any, tmp_path: Path) -> None:
    server.files |= multi30k_files
    for language in ("en", "de", "fr", "cs"):
        server.files[f"/data/task1/raw/train.{language}.gz"] = gzip.compress(b"one\ntwo\n")
    with pytest.raises(UserError, match=r"task1/raw/train.\*: has 2 rows; needs 7"):
        download("captions", _multi30k(server.url), tmp_path / "out")
