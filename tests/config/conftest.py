"""The smoke parameters, to be changed in one place."""

import copy
from collections.abc import Callable
from pathlib import Path
from types import EllipsisType
from typing import Any

import pytest
import yaml

Changed = Callable[[str, Any], dict[str, Any]]
"""Keys with / between them, and what stands there then; ... removes it."""


@pytest.fixture(scope="session")
def smoke(root: Path) -> dict[str, Any]:
    raw = yaml.safe_load((root / "params/smoke.yaml").read_text(encoding="utf-8"))
    assert isinstance(raw, dict)
    return raw


@pytest.fixture(scope="session")
def changed(smoke: dict[str, Any]) -> Changed:
    def change(path: str, value: Any) -> dict[str, Any]:
        raw = copy.deepcopy(smoke)
        *keys, last = path.split("/")
        at = raw
        for key in keys:
            at = at[key]
        if isinstance(value, EllipsisType):
            del at[last]
        else:
            at[last] = value
        return raw

    return change
