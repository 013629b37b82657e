"""`python -m stages.check` in a folder that has nothing but parameters."""

import csv
import subprocess
import sys
from pathlib import Path

from pipeline.probes.identities.check import Check


def test_the_stage_writes_its_table_and_says_how_many_hold(
    root: Path, tmp_path: Path, found: list[Check]
) -> None:
    (tmp_path / "params.yaml").write_bytes((root / "params/smoke.yaml").read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "stages.check"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    passed = sum(each.passed for each in found)
    assert done.stdout == f"check: {passed} of {len(found)} properties hold as the notes say\n"
    with (tmp_path / "results/smoke/probes/identities/checks.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["claim"], row["check"]) for row in rows] == [(each.claim, each.check) for each in found]
    assert [row["passed"] for row in rows] == [str(each.passed) for each in found]
