"""What the checks find, in the sound project and with something broken."""

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.probes.identities.check import Check, Checks
from pipeline.probes.identities.suite import run, run_all


@pytest.fixture(scope="session")
def found() -> list[Check]:
    return list(run_all())


@pytest.fixture
def failing() -> Callable[[Checks], list[str]]:
    """What is tried of a claim and does not pass."""
    return lambda checks: [each.check for each in run(checks) if not each.passed]


@pytest.fixture
def broken_by(
    failing: Callable[[Checks], list[str]], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Checks, str, Any], list[str]]:
    """What no longer passes once something is put in the place of `target`, a dotted name."""

    def broken_by(checks: Checks, target: str, broken: Any) -> list[str]:
        sound = failing(checks)
        monkeypatch.setattr(target, broken)
        return [check for check in failing(checks) if check not in sound]

    return broken_by
