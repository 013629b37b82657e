"""Tatoeba's pairs from a mirror and from archives in the publisher's layout, all written for these tests."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.corpora import TatoebaCorpus
from pipeline.corpora import download
from pipeline.errors import UserError

HINDI = [
    {"en": "Row!", "hi": "खेओ!", "attribution": "CC-BY 2.0 (France) #1 (ann) & #2 (bo)"},
    {"en": "Row slowly.", "hi": "धीरे खेओ।", "attribution": "CC-BY 2.0 (France) #3 (ann) & #4 (bo)"},
    {"en": "Row slowly.", "hi": "धीरे-धीरे खेओ I", "attribution": "CC-BY 2.0 (France) #3 (ann) & #5 (cy)"},
]
FRENCH = [{"en": "Row!", "fr": "Ramez\u00a0!"}, {"en": "It\u2028floats.", "fr": "Ça flotte."}]
SIGNED = [pair | {"attribution": f"CC-BY 2.0 (France) #{place}"} for place, pair in enumerate(FRENCH)]


def _archive(name: str, lines: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_about.txt", "hello")
        archive.writestr(f"{name}.txt", lines)
    return buffer.getvalue()


def _damaged(archive: bytes) -> bytes:
    """One bit changed in the packed text."""
    place = archive.index(b"hin.txt") + len(b"hin.txt") + 20
    return archive[:place] + bytes([archive[place] ^ 4]) + archive[place + 1 :]


def _lines(pairs: list[dict[str, str]]) -> str:
    return "".join("\t".join(pair.values()) + " \n" for pair in pairs)


def _serve(server: Any, french: list[dict[str, str]]) -> None:
    server.files["/anki/hin-eng.zip"] = _archive("hin", _lines(HINDI))
    server.files["/anki/fra-eng.zip"] = _archive("fra", _lines(french))


def _corpus(url: str, **settings: Any) -> TatoebaCorpus:
    settings = {"sources": ["upstream"], "retries": 0, "timeout_seconds": 5.0} | settings
    return TatoebaCorpus.model_validate({"reader": "tatoeba", "upstream": f"{url}/anki/"} | settings)


@pytest.mark.parametrize("french", [FRENCH, SIGNED], ids=["without authors", "with authors"])
def test_mirror_and_publisher_have_one_digest(
    french: list[dict[str, str]], server: Any, write_mirror: Any, tmp_path: Path
) -> None:
    _serve(server, french)
    mirror = write_mirror(tmp_path / "mirror", "tatoeba", {"en-hi": HINDI, "en-fr": french})
    found = [
        download("pairs", _corpus(server.url, sources=[source], mirror=str(mirror)), tmp_path / source)
        for source in ("mirror", "upstream")
    ]
    assert [provenance["source"] for provenance in found] == ["mirror", "upstream"]
    assert found[0]["splits"] == found[1]["splits"]
    assert found[1]["splits"]["en_fr"]["columns"] == list(french[0])
    for source in ("mirror", "upstream"):
        assert pq.read_table(tmp_path / source / "en_hi.parquet").to_pylist() == HINDI
        assert pq.read_table(tmp_path / source / "en_fr.parquet").to_pylist() == french


def test_a_grown_archive_has_another_digest(server: Any, tmp_path: Path) -> None:
    _serve(server, FRENCH)
    before = download("pairs", _corpus(server.url), tmp_path / "before")
    _serve(server, [*FRENCH, {"en": "Row on.", "fr": "Continuez."}])
    after = download("pairs", _corpus(server.url), tmp_path / "after")
    assert before["splits"]["en_hi"] == after["splits"]["en_hi"]
    assert before["splits"]["en_fr"]["sha256"] != after["splits"]["en_fr"]["sha256"]
    assert after["splits"]["en_fr"]["rows"] == 3
    assert before["revision"] != after["revision"]


def test_the_publisher_is_not_asked_by_a_python_client(server: Any, tmp_path: Path) -> None:
    """It answers 406 to those."""
    _serve(server, FRENCH)
    download("pairs", _corpus(server.url), tmp_path / "out")
    (agent,) = server.agents
    assert agent.startswith("Mozilla/5.0")
    assert "python" not in agent.lower()
    assert "aiohttp" not in agent.lower()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "hin-eng.zip: truncated or no zip archive"),
        (_archive("hin", _lines(HINDI))[:-40], "hin-eng.zip: truncated or no zip archive"),
        (_damaged(_archive("hin", _lines(HINDI))), "hin-eng.zip: truncated or no zip archive"),
        (_archive("hun", _lines(HINDI)), "hin-eng.zip: holds no hin.txt; fetch it again"),
        (_archive("hin", ""), r"line 1: has 1 columns, needs 2 or 3 \(tabs between\)"),
        (_archive("hin", "a\tb\tc\nd\te\n"), r"hin-eng.zip, line 2: has 2 columns, needs 3"),
        (_archive("hin", b"a\tb\tc\nd\t\xff\tf\n"), r"line 2: not UTF-8 \(byte 2\)"),
        (_archive("hin", "a\tb\tc\nd\t \tf\n"), r"row 1 \(from 0\), column hi: is empty"),
        (_archive("hin", "a\tb\n"), "hin-eng.zip: columns are en, hi; needs en, hi, attribution"),
    ],
    # By the message alone: an archive holds the time, which would name the test anew in every process.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_broken_archives_are_named(content: bytes, message: str, server: Any, tmp_path: Path) -> None:
    _serve(server, FRENCH)
    server.files["/anki/hin-eng.zip"] = content
    with pytest.raises(UserError, match=message) as caught:
        download("pairs", _corpus(server.url), tmp_path / "out")
    assert str(caught.value).count("\n") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_mirror_that_lacks_a_column(write_mirror: Any, tmp_path: Path) -> None:
    unsigned = [{"en": pair["en"], "hi": pair["hi"]} for pair in HINDI]
    mirror = write_mirror(tmp_path / "mirror", "tatoeba", {"en-hi": unsigned, "en-fr": FRENCH})
    with pytest.raises(UserError, match=r"en-hi.parquet: columns are en, hi; needs en, hi, attribution"):
        download("pairs", _corpus("", sources=["mirror"], mirror=str(mirror)), tmp_path / "out")
