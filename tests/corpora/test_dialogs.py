"""DailyDialog from a mirror and from archives in the authors' layouts, all written for these tests."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.corpora import DialogsCorpus
from pipeline.corpora import dialogs, download
from pipeline.errors import UserError

PLACE = "/ijcnlp_dailydialog.zip"
DIALOGUES = {
    "train": [["Tea ?", "Yes , a cup\u2028please .", "Here \u2019 s one ."], ["Is it far ?", "No ."]],
    "validation": [["Tea ?", "Yes , a cup\u2028please ."]],
    "test": [["Who rang ?", "Nobody .", "Odd .", "Very ."]],
}
ROWS = {
    "train": [
        ("Tea ?", "Yes , a cup\u2028please .", 0, 1),
        ("Yes , a cup\u2028please .", "Here \u2019 s one .", 0, 2),
        ("Is it far ?", "No .", 1, 1),
    ],
    "validation": [("Tea ?", "Yes , a cup\u2028please .", 0, 1)],
    "test": [("Who rang ?", "Nobody .", 0, 1), ("Nobody .", "Odd .", 0, 2), ("Odd .", "Very .", 0, 3)],
}
TEXTS = {
    split: "".join("".join(f" {turn} __eou__" for turn in turns) + "\n" for turns in own).encode()
    for split, own in DIALOGUES.items()
}


def packed(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def archive(folder: str = "ijcnlp_dailydialog", *, lacks: str = "", **changed: bytes) -> bytes:
    """With what a Mac adds to archives; `changed`: a split's dialogues."""
    members = {f"{folder}/dialogues_text.txt": b"all of them"}
    for split, text in (TEXTS | changed).items():
        files = {f"dialogues_act_{split}.txt": b"1 2", f"dialogues_{split}.txt": text}
        files = {f"{split}/{name}": content for name, content in files.items() if name != lacks}
        members[f"{folder}/{split}.zip"] = packed({f"__MACOSX/._dialogues_{split}.txt": b"x"} | files)
    return packed({name: content for name, content in members.items() if Path(name).name != lacks})


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogs, "ROWS", {split: len(rows) for split, rows in ROWS.items()})


def corpus(url: str = "none", **settings: Any) -> DialogsCorpus:
    base = {"reader": "dialogs", "sources": ["upstream"], "upstream": {"url": url}, "retries": 0}
    return DialogsCorpus.model_validate(base | settings)


@pytest.mark.parametrize("folder", ["ijcnlp_dailydialog", "EMNLP_dataset"])
def test_the_same_from_everywhere(folder: str, server: Any, write_mirror: Any, tmp_path: Path) -> None:
    server.files[PLACE] = archive(folder)
    names = dialogs.SCHEMA.names
    rows = {split: [dict(zip(names, row, strict=True)) for row in own] for split, own in ROWS.items()}
    mirror = write_mirror(tmp_path / "mirror", "dialogs", rows)
    upstream = download("talk", corpus(server.url + PLACE), tmp_path / "upstream")
    mirrored = download("talk", corpus(sources=["mirror"], mirror=str(mirror)), tmp_path / "mirrored")
    assert upstream["splits"] == mirrored["splits"]
    assert mirrored["licence"] == "CC BY-NC-SA 4.0"
    for split, own in rows.items():
        assert pq.read_table(tmp_path / f"upstream/{split}.parquet").to_pylist() == own


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (archive()[:200], "train: truncated or no zip archive"),
        (archive(lacks="test.zip"), r"test: holds no test\.zip; fetch it again"),
        (archive(lacks="dialogues_validation.txt"), r"validation: holds no dialogues_validation\.txt"),
        (archive(train=b"Tea ? __eou__ \xff __eou__\n"), r"train, line 1: not UTF-8 \(byte 14\)"),
        (archive(test=b"Tea ? __eou__ No . __eou__\n"), "test: has 1 rows; needs 3; fetch it again"),
    ],
    ids=["truncated", "no inner archive", "no file in it", "not UTF-8", "turns missing"],
)
def test_a_broken_archive_is_named(content: bytes, line: str, server: Any, tmp_path: Path) -> None:
    server.files[PLACE] = content
    with pytest.raises(UserError, match=line) as caught:
        download("talk", corpus(server.url + PLACE), tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
