"""Imports point down (contracts in pyproject.toml), and what a process needn't load isn't loaded."""

import subprocess
import sys
from pathlib import Path

import pytest


def test_layers_hold(root: Path) -> None:
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(root / "pyproject.toml"), no_cache=True) == 0


TRAINING = (
    "pipeline.tasks.many_to_one pipeline.tasks.many_to_many pipeline.tasks.seq2seq pipeline.training.fit"
)


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("stages.download stages.prepare", "torch lightning mlflow"),
        ("pipeline.cli.main pipeline.config", "torch lightning mlflow"),
        ("pipeline.cli.workspace", "torch lightning mlflow dvc"),
        ("pipeline.cli.plan", "torch lightning mlflow"),
        ("stages.train", "torch lightning mlflow"),
        ("stages.report", "torch lightning mlflow"),
        ("stages.evaluate", "lightning mlflow"),
        ("stages.check", "lightning mlflow"),
        (TRAINING, "mlflow dvc datasets pydantic"),
    ],
)
def test_start_up_loads_no_more_than_it_needs(root: Path, modules: str, absent: str) -> None:
    script = f"import sys, {', '.join(modules.split())}; print(*set(sys.modules) & set({absent.split()}))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
