"""Spoken digits from the repository's archive and from a mirror; recordings are made up."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.corpora import SpeechDigitsCorpus
from pipeline.corpora import download, speech_digits
from pipeline.errors import UserError
from pipeline.sounds import wav

SPEAKERS = ("zoe", "ada")
INDICES = (4, 5, 11, 0)
"""Of each digit; two of them are tested on."""
PLACE = "/someone/digits/archive/abc.zip"


def recording(digit: int, speaker: str, index: int) -> bytes:
    return wav(np.full(100 + 7 * digit + index, 0.01 * (1 + SPEAKERS.index(speaker)), dtype=np.float32))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, int]]:
    monkeypatch.setattr(speech_digits, "ROWS", {"train": 40, "test": 40})
    return [(digit, speaker, index) for index in INDICES for speaker in SPEAKERS for digit in range(10)]


def archive(names: list[tuple[int, str, int]], **others: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("digits-abc/README.md", "recordings/0_ada_0.wav")
        for digit, speaker, index in names:
            name = f"{digit}_{speaker}_{index}.wav"
            content = others.get(name.removesuffix(".wav"), recording(digit, speaker, index))
            file.writestr(f"digits-abc/recordings/{name}", content)
    return buffer.getvalue()


def rows(names: list[tuple[int, str, int]]) -> dict[str, list[dict[str, Any]]]:
    """As a mirror has them: by digit, speaker and index."""
    lines = [
        {
            "audio": {
                "bytes": recording(digit, speaker, index),
                "path": f"{digit}_{speaker}_{index}.wav",
            },
            "digit": digit,
            "speaker": speaker,
            "index": index,
            "num_samples": 100 + 7 * digit + index,
        }
        for digit, speaker, index in sorted(names)
    ]
    return {
        "train": [line for line in lines if line["index"] >= 5],
        "test": [line for line in lines if line["index"] < 5],
    }


def corpus(url: str, **settings: Any) -> SpeechDigitsCorpus:
    settings = {"sources": ["upstream"], "retries": 1, "timeout_seconds": 5.0} | settings
    place = {"reader": "speech_digits", "upstream": f"{url}/someone/digits", "revision": "abc"}
    return SpeechDigitsCorpus.model_validate(settings | place)


def test_it_is_the_same_from_everywhere(
    server: Any, names: Any, write_mirror: Callable[..., Path], tmp_path: Path
) -> None:
    server.files[PLACE] = archive(names)
    mirror = write_mirror(tmp_path / "mirror", "speech_digits", rows(names))
    upstream = download("digits", corpus(server.url), tmp_path / "out")
    again = corpus("", sources=["mirror"], mirror=str(mirror))
    assert download("digits", again, tmp_path / "again")["splits"] == upstream["splits"]
    for path in (tmp_path / "out").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()
    for split, expected in rows(names).items():
        assert pq.read_table(tmp_path / f"out/{split}.parquet").to_pylist() == expected
    assert "new speaker" in upstream["notes"][0]


def test_archives_that_are_not_whole(server: Any, names: Any, tmp_path: Path) -> None:
    for content, message in (
        (b"<html>", r"abc\.zip: truncated or no zip archive"),
        (archive(names)[:-300], r"abc\.zip: truncated or no zip archive"),
        (archive(names[1:]), r"abc\.zip, test: has 39 rows|abc\.zip, train: has 39 rows"),
        (archive(names, **{"3_ada_11": b"RIFF"}), r"abc\.zip, digits-abc/recordings/3_ada_11\.wav: no WAV"),
    ):
        server.files[PLACE] = content
        with pytest.raises(UserError, match=message):
            download("digits", corpus(server.url), tmp_path / "out")


def test_a_mirror_with_a_digit_that_is_none(
    names: Any, write_mirror: Callable[..., Path], tmp_path: Path
) -> None:
    wrong = rows(names)
    wrong["train"][3] |= {"digit": 10}
    mirror = write_mirror(tmp_path / "mirror", "speech_digits", wrong)
    with pytest.raises(UserError, match=r"row 3 \(from 0\), column digit: 10 is not one of 0, 1"):
        download("digits", corpus("", sources=["mirror"], mirror=str(mirror)), tmp_path / "out")
