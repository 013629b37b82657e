"""Files are whole or absent; digests name content and nothing else."""

import contextlib
import json
import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import files

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=7,
)


class Interrupted(Exception):
    pass


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    with files.atomic_path(path) as temporary:
        temporary.write_text("whole", encoding="utf-8")
        assert not path.exists()
        assert temporary.parent == path.parent
    assert path.read_text(encoding="utf-8") == "whole"
    assert names(path.parent) == ["b.txt"]


def test_an_interrupted_file_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "b.txt"
    files.write_text(path, "old")
    with contextlib.suppress(Interrupted), files.atomic_path(path) as temporary:
        temporary.write_text("new", encoding="utf-8")
        raise Interrupted
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["b.txt"]


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    for name in ("old", "new"):
        with files.atomic_folder(folder) as part:
            (part / name).mkdir()
            (part / name / "weights").write_text(name, encoding="utf-8")
    assert names(folder) == ["new"]
    with contextlib.suppress(Interrupted), files.atomic_folder(folder) as part:
        (part / "half").write_text("", encoding="utf-8")
        raise Interrupted
    assert names(folder) == ["new"]
    assert names(tmp_path) == ["models"]


def test_what_a_killed_process_left_is_no_obstacle(tmp_path: Path) -> None:
    left = tmp_path / f".models.{os.getpid()}.part"
    left.mkdir()
    (left / "half").write_text("", encoding="utf-8")
    with files.atomic_folder(tmp_path / "models") as part:
        assert names(part) == []
    assert names(tmp_path) == ["models"]


def test_digest_of_a_folder_is_of_names_and_content(tmp_path: Path) -> None:
    def written(name: str, content: dict[str, str]) -> str:
        for path, text in content.items():
            files.write_text(tmp_path / name / path, text)
        return files.sha256_of_folder(tmp_path / name)

    content = {"a": "1", "b/c": "2"}
    first = written("first", content)
    assert written("again", dict(reversed(content.items()))) == first
    os.utime(tmp_path / "first" / "a", (0, 0))
    assert files.sha256_of_folder(tmp_path / "first") == first
    assert written("moved", {"a": "1", "b/d": "2"}) != first
    assert written("altered", {"a": "1", "b/c": "3"}) != first
    assert written("swapped", {"a": "2", "b/c": "1"}) != first


def test_digest_of_a_file_longer_than_a_block(tmp_path: Path) -> None:
    content = b"x" * (2 * files.BLOCK + 7)
    files.write_bytes(tmp_path / "long", content)
    assert files.sha256_of_file(tmp_path / "long") == files.sha256_of_bytes(content)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(), values))
def test_json_digest_ignores_the_order_of_keys(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))
    assert files.sha256_of_json(turned) == files.sha256_of_json(value)
    assert json.loads(files.canonical_json(value)) == value


def test_json_is_readable_and_comes_back(tmp_path: Path) -> None:
    files.write_json(tmp_path / "a.json", {"b": [1, 2.5], "a": "é"})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert text == '{\n  "a": "é",\n  "b": [\n    1,\n    2.5\n  ]\n}\n'
    assert files.read_json(tmp_path / "a.json") == {"a": "é", "b": [1, 2.5]}
