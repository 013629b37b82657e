"""`python` as DVC meets it under `make`."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import forked
from pipeline.warm import ADDRESS

HEAD = "from stages.entry import run\n\n\ndef main() -> None:\n"
TAIL = '\n\nif __name__ == "__main__":\n    run(main)\n'
SEEN = "    import os, sys\n    print(sys.argv[1:], os.getcwd(), 'lightning' in sys.modules)\n"


@pytest.fixture
def project(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose stage `download` tells what it is given."""
    for folder in ("pipeline", "stages"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
    for name in (*(root / "pipeline").iterdir(), root / "stages/entry.py"):
        place = tmp_path / name.relative_to(root)
        if name.suffix != ".pyc" and not place.exists() and name.name != "__pycache__":
            place.symlink_to(name)
    (tmp_path / "stages/download.py").write_text(HEAD + SEEN + TAIL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return tmp_path


def stage(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["python", *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_stages_are_forked_once_the_server_is_warm(project: Path, root: Path) -> None:
    """In a process of its own, whose modules are the project's."""
    program = f"""
import os, subprocess, time
from pathlib import Path
from pipeline.cli.forked import warm_stages

if __name__ == "__main__":
    with warm_stages() as found:
        environment = os.environ | found
        def stage(*words):
            done = subprocess.run(["python", *words], env=environment, capture_output=True, text=True)
            return done.returncode, done.stdout.strip()
        print(stage("-m", "stages.download", "a b"), flush=True)
        deadline = time.monotonic() + 60
        while not stage("-m", "stages.download")[1] == "" and time.monotonic() < deadline:
            time.sleep(0.1)
        print(stage("-m", "stages.download", "a b"), flush=True)
        print(stage("-c", "print(6 * 7)"), flush=True)
        Path("stages/download.py").write_text({HEAD + "    raise SystemExit(5)" + TAIL!r})
        print(stage("-m", "stages.download"), flush=True)
"""
    (project / "program.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "program.py"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines = done.stdout.splitlines()
    cold, warm = f"['a b'] {project} False", f"['a b'] {project} True"
    # A forked stage's output goes where the server's goes: not into the pipe of who asked.
    assert lines[0] == f'(0, "{cold}")'
    assert warm in lines
    assert lines[-3:] == ["(0, '')", "(0, '42')", "(5, '')"]


def test_without_a_server_a_stage_runs_as_usual(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ADDRESS, raising=False)
    with forked.warm_stages() as found:
        environment = os.environ | {"PATH": found["PATH"]}
    done = stage(environment, "-m", "stages.download", "imdb")
    assert (done.returncode, done.stdout) == (0, f"['imdb'] {project} False\n")


@pytest.mark.parametrize("name", forked.HEAVY)
def test_a_forked_stage_does_what_its_module_does(root: Path, name: str) -> None:
    module = importlib.import_module(f"stages.{name}")
    assert callable(module.main)
    assert (root / f"stages/{name}.py").read_text(encoding="utf-8").endswith(TAIL)
