"""A temporary clone of the working tree that has run the smoke profile through DVC."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

STAGES = {
    "download@reviews",
    "download@translation",
    "download@tags",
    "download@series",
    "download@questions",
    "download@replies",
    "download@summaries",
    "download@text",
    "download@scenes",
    "prepare@reviews_words",
    "prepare@translation_en_fr",
    "prepare@translation_en_hi",
    "prepare@tags_pos",
    "prepare@tags_entities",
    "prepare@series_univariate",
    "prepare@series_multivariate",
    "prepare@questions_words",
    "prepare@replies_words",
    "prepare@summaries_words",
    "prepare@reviews_stars",
    "prepare@text_words",
    "prepare@scenes_captions",
    "train@sentiment",
    "train@translation",
    "train@translation_en_hi",
    "train@part_of_speech",
    "train@entities",
    "train@forecast_univariate",
    "train@forecast_multivariate",
    "train@imputation",
    "train@answers",
    "train@replies",
    "train@headlines",
    "train@stars",
    "train@language",
    "train@captioning",
    "evaluate@sentiment",
    "evaluate@translation",
    "evaluate@translation_en_hi",
    "evaluate@part_of_speech",
    "evaluate@entities",
    "evaluate@forecast_univariate",
    "evaluate@forecast_multivariate",
    "evaluate@imputation",
    "evaluate@answers",
    "evaluate@replies",
    "evaluate@headlines",
    "download@recall",
    "prepare@recall_steps",
    "train@recall",
    "evaluate@recall",
    "evaluate@stars",
    "evaluate@language",
    "evaluate@captioning",
    "download@tones",
    "prepare@tones_words",
    "train@speech",
    "evaluate@speech",
    "download@long_reviews",
    "prepare@reviews_long",
    "train@vanishing",
    "evaluate@vanishing",
    "gradient_flow@vanishing",
    "prepare@reviews_filler",
    "train@filler",
    "evaluate@filler",
    "train@depth",
    "evaluate@depth",
    "layers@depth",
    "states@language",
    "gates@filler",
    "beam@translation",
    "check",
    "timing",
    "divergence",
    "judge",
    "report",
    "register",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole pipelines run here: dozens of stages, minutes on a busy machine."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(1800))


@dataclass(frozen=True)
class Clone:
    """A project of its own in `folder`."""

    folder: Path

    def run(self, *command: str, code: int = 0) -> str:
        """Runs a module's command line in the clone; returns what it printed.

        Args:
            code: the exit code that it must have.
        """
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
        return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PATH": path}

    def repro(self, *arguments: str) -> set[str]:
        """Stages that `dvc repro` ran, quickly."""
        lines = self.run("pipeline.cli.dvc", "repro", *arguments).splitlines()
        return {line.split("'")[1] for line in lines if line.startswith("Running stage")}

    def set(self, path: str, value: object) -> None:
        """Changes one parameter, or deletes it (None), as an editor would."""
        file = self.folder / "params.yaml"
        params = yaml.safe_load(file.read_text(encoding="utf-8"))
        *parents, name = path.split(".")
        block = params
        for parent in parents:
            block = block[parent]
        if value is None:
            del block[name]
        else:
            block[name] = value
        file.write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")

    def git(self, *command: str) -> str:
        """Runs git in the clone; returns what it printed."""
        return subprocess.run(
            ["git", *command], cwd=self.folder, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first")

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Starts a module's command line in the clone, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def copy(self, folder: Path) -> "Clone":
        """A copy of the project as it is now."""
        return Clone(Path(shutil.copytree(self.folder, folder / "unrolled", symlinks=True)))

    def finished_runs(self) -> dict[str, int]:
        """Signature -> when it finished."""
        return {
            path.parent.name: path.stat().st_mtime_ns
            for path in (self.folder / ".unrolled/runs").glob("*/done.json")
        }

    def content(self, folder: str) -> dict[str, bytes]:
        paths = (self.folder / folder).rglob("*")
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in paths if path.is_file()}


@pytest.fixture(scope="session")
def new_clone(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The working tree's files, with no results and no dvc.lock, not yet committed."""
    clone = Clone(tmp_path_factory.mktemp("clone") / "unrolled")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    files = subprocess.run(listed, cwd=root, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        if (root / name).exists() and not name.startswith(("tests/", "results/")) and name != "dvc.lock":
            target = clone.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target)
    clone.git("init", "-q")
    return clone


@pytest.fixture(scope="session")
def finished(new_clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """After the first `make repro` of the smoke profile; for reading only."""
    clone = new_clone.copy(tmp_path_factory.mktemp("finished"))
    shutil.copy(clone.folder / "params/smoke.yaml", clone.folder / "params.yaml")
    clone.commit()
    clone.run("pipeline.cli.workspace", "repro")
    lock = yaml.safe_load((clone.folder / "dvc.lock").read_text(encoding="utf-8"))
    assert {*lock["stages"]} == STAGES
    return clone


@pytest.fixture
def clone(finished: Clone, tmp_path: Path) -> Clone:
    """A copy of the finished project, to change at will; its MLflow store is the original's."""
    return finished.copy(tmp_path)
