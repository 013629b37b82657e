"""Fixtures that every part of the tests may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

# One derivation of examples on every machine, and no deadline that a busy machine could miss.
settings.register_profile("steady", derandomize=True, deadline=None, max_examples=50, database=None)
settings.load_profile("steady")

# Tests run side by side, one process per core.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.update(DO_NOT_TRACK="1", MLFLOW_DISABLE_TELEMETRY="true", HF_HUB_DISABLE_TELEMETRY="1")


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The mirror of the real corpora beside the checkout; tests that need it are skipped without."""
    folder = ROOT.parent / "shared" / "corpora"
    if not (folder / "manifest.json").exists():
        pytest.skip("no ../shared/corpora beside the checkout")
    return folder
