"""Fixtures of the networks' tests. Axes are different primes, so that a transposed axis can't pass."""

import importlib
import sys
from types import SimpleNamespace

import pytest
import torch
from jaxtyping import install_import_hook


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def checked() -> SimpleNamespace:
    """The networks with every annotated shape checked at run time, beside the unchecked ones of others."""
    others = {name: module for name, module in sys.modules.items() if name.startswith("pipeline.nn")}
    for name in others:
        del sys.modules[name]
    with install_import_hook("pipeline.nn", "beartype.beartype"):
        modules = {
            name: importlib.import_module(f"pipeline.nn.{name}")
            for name in (
                "attention",
                "captioner",
                "cells",
                "classifier",
                "crf",
                "loss",
                "masks",
                "rater",
                "picture",
                "recurrent",
                "tagger",
                "transcriber",
                "translator",
                "writer",
            )
        }
    for name in [name for name in sys.modules if name.startswith("pipeline.nn")]:
        del sys.modules[name]
    sys.modules.update(others)
    # A package is its parent's attribute too: by that, monkeypatch would find the checked copies.
    if "pipeline.nn" in others:
        sys.modules["pipeline"].nn = others["pipeline.nn"]
    else:
        del sys.modules["pipeline"].nn
    return SimpleNamespace(**modules)
