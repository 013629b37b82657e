"""A disk that is really full: a small file system of memory, in a mount namespace of the test's own."""

import shutil
import subprocess
import sys

import pytest

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def has_namespaces() -> bool:
    if not shutil.which("unshare"):
        return False
    mount = "mount -t tmpfs -o size=64k tmpfs /dev/shm"
    return not subprocess.run([*NAMESPACE, "sh", "-c", mount], capture_output=True).returncode


pytestmark = [
    pytest.mark.xdist_group("system"),
    pytest.mark.skipif(not has_namespaces(), reason="no user may mount a file system here"),
]


def run_on_a_full_disk(clone, full: str, *stage: str) -> tuple[int, str, list[str]]:
    """Runs a stage while `full` is a disk of 64 KiB; returns code, stderr and the files there at the end."""
    place = clone.folder / full
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    python = f"{sys.executable} -m {' '.join(stage)}"
    script = f"mount -t tmpfs -o size=64k tmpfs {full} && {python}; code=$?; find {full} -type f; exit $code"
    done = subprocess.run(
        [*NAMESPACE, "sh", "-c", script],
        cwd=clone.folder,
        env=clone.environment,
        capture_output=True,
        text=True,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(full)]
    return done.returncode, done.stderr, lines


def test_prepare_keeps_nothing_half_written(clone) -> None:
    full = "data/prepared/smoke"
    code, told, left = run_on_a_full_disk(clone, full, "stages.prepare", "reviews_words")
    assert code == 2
    assert told.endswith("no space left; nothing half-written was kept; free some and run again\n")
    assert told.count("\n") == 1
    assert left == []
    clone.run("stages.prepare", "reviews_words")


def test_a_run_without_room_says_so_and_goes_on_later(clone) -> None:
    models = clone.content("models/smoke/sentiment")
    code, told, left = run_on_a_full_disk(clone, ".unrolled/runs", "stages.train", "sentiment")
    assert code == 2
    assert "no space left" in told.lower()
    assert "Traceback" not in told
    assert not [path for path in left if path.endswith("done.json")]
    clone.run("stages.train", "sentiment")
    after = clone.content("models/smoke/sentiment")
    assert {name for name in models if models[name] != after[name]} <= {
        name for name in models if name.endswith("timing.json")
    }
