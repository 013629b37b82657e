"""DVC made quick writes what DVC writes, and skips what DVC skips."""

import os
import subprocess
import sys
from pathlib import Path

import dpath
import pytest
import yaml

from pipeline.cli import dvc as quick

PARAMS = {
    "words": {
        "none": None,
        "empty": "",
        "yes": "yes",
        "float": "1e-3",
        "octal": "012",
        "long": "Hallo Welt " * 20,
    },
    "unicode": "Grüße, क्या?",
    "colon": "a: b",
    "lines": "one\ntwo\n",
    "numbers": [1, -2.5, 1e-7, 1e20, True, False, None],
    "nothing": {"list": [], "map": {}},
    "deep": {"list": [{"a": None, "b": [1, [2]]}, {"c": {}}]},
}
STAGES = """
stages:
  # a comment that stays
  one:
    cmd: echo one > one
    params: [words, unicode, colon, lines, numbers, nothing, deep]
    outs: [one]
  each:
    foreach: [a, b]
    do:
      cmd: cp one ${item}
      deps: [one]
      params: [words.none]
      outs: [{"${item}": {cache: false}}]
"""


def project(folder: Path) -> Path:
    folder.mkdir()
    (folder / "params.yaml").write_text(yaml.safe_dump(PARAMS, allow_unicode=True), encoding="utf-8")
    (folder / "dvc.yaml").write_text(STAGES, encoding="utf-8")
    repro(folder, "dvc", "init", "--no-scm", "--quiet")
    return folder


def repro(folder: Path, *command: str) -> set[str]:
    """Stages that ran."""
    root = Path(quick.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return {line.split("'")[1] for line in done.stdout.splitlines() if line.startswith("Running stage")}


def test_the_lock_is_the_same_to_the_byte(tmp_path: Path) -> None:
    slow, fast = project(tmp_path / "slow"), project(tmp_path / "fast")
    assert repro(slow, "dvc", "repro") == {"one", "each@a", "each@b"}
    assert repro(fast, "pipeline.cli.dvc", "repro") == {"one", "each@a", "each@b"}
    assert (fast / "dvc.lock").read_bytes() == (slow / "dvc.lock").read_bytes()
    assert (fast / "dvc.yaml").read_text(encoding="utf-8") == STAGES

    assert repro(fast, "dvc", "repro") == set()
    assert repro(slow, "pipeline.cli.dvc", "repro") == set()
    for folder in (slow, fast):
        changed = PARAMS | {"colon": "c: d"}
        (folder / "params.yaml").write_text(yaml.safe_dump(changed), encoding="utf-8")
    assert repro(slow, "dvc", "repro") == repro(fast, "pipeline.cli.dvc", "repro") == {"one"}
    assert (fast / "dvc.lock").read_bytes() == (slow / "dvc.lock").read_bytes()


def test_a_lock_that_dvc_wrote_is_written_again_as_it_was(root: Path) -> None:
    text = (root / "dvc.lock").read_text(encoding="utf-8")
    remembered = quick.Remembered(quick.serialize.load_yaml)
    assert remembered.text_of(remembered.load(root / "dvc.lock")) == text
    assert remembered.text_of(remembered.load(root / "dvc.lock")) == text


def test_a_file_is_parsed_once_until_it_changes(tmp_path: Path) -> None:
    parsed = []

    def parse(path: Path, fs: object = None) -> dict[str, list[int]]:
        parsed.append(path)
        return {"seeds": [*range(len(path.read_text(encoding="utf-8")))]}

    remembered, file = quick.Remembered(parse), tmp_path / "params.yaml"
    file.write_text("ab", encoding="utf-8")
    first = remembered.load(file)
    first["seeds"].append(7)
    assert remembered.load(file) == {"seeds": [0, 1]}
    assert parsed == [file]
    file.write_text("abc", encoding="utf-8")
    assert remembered.load(file) == {"seeds": [0, 1, 2]}
    with pytest.raises(FileNotFoundError):
        remembered.load(tmp_path / "none.yaml")


def test_a_parameter_is_found_without_a_search() -> None:
    values = {"a": {"b": {"c": 1}, "none": None}, "list": [{"x": 2}]}
    assert quick.look_up(_refuse, values, "a.b", separator=".") is values["a"]["b"]
    assert quick.look_up(_refuse, values, "a.none", separator=".") is None


@pytest.mark.parametrize("path", ["list.0.x", "a.*.c", "list.*"])
def test_what_is_no_plain_path_is_searched_as_before(path: str) -> None:
    values = {"a": {"b": {"c": 1}}, "list": [{"x": 2}]}
    assert quick.look_up(dpath.get, values, path, separator=".") == dpath.get(values, path, separator=".")


@pytest.mark.parametrize("path", ["a.z", "a.b.c.d", "z"])
def test_a_missing_parameter_is_missing_as_before(path: str) -> None:
    with pytest.raises(KeyError):
        quick.look_up(dpath.get, {"a": {"b": {"c": 1}}}, path, separator=".")


def _refuse(*arguments: object, **options: object) -> None:
    raise AssertionError("searched")
