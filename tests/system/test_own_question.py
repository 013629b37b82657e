"""docs/ask-your-own-question.md, followed word by word on the smoke profile."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.xdist_group("own")
BLOCK = re.compile(r"(?:^`([\w/]+\.py)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_ends_in_a_verdict(root: Path, new_clone, tmp_path: Path) -> None:
    clone = new_clone.copy(tmp_path)
    params = yaml.safe_load((clone.folder / "params/smoke.yaml").read_text(encoding="utf-8"))
    commands: list[list[str]] = []
    page = (root / "docs/ask-your-own-question.md").read_text(encoding="utf-8")
    for name, language, content in BLOCK.findall(page):
        if language == "python":
            (clone.folder / name).write_text(content, encoding="utf-8")
        elif language == "diff":
            subprocess.run(["git", "apply", "-"], cwd=clone.folder, input=content, text=True, check=True)
        elif language == "yaml":
            params["experiments"] |= yaml.safe_load(content)["experiments"]
        elif language == "console":
            commands = [line.removeprefix("$ ").split() for line in content.splitlines()]
    (clone.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    clone.commit()
    for tool, *arguments in commands:
        clone.run({"unrolled": "pipeline.cli.main"}.get(tool, tool), *arguments)
    rows = json.loads((clone.folder / "results/smoke/claims.json").read_text(encoding="utf-8"))
    row = next(row for row in rows if row["id"] == "own-backwards")
    assert row["verdict"] in ("holds", "refuted", "inconclusive")
    assert row["comparisons"][0]["seeds"] == [3, 3]


def test_a_claim_that_mathematics_decides_needs_nothing_that_was_run_before(
    new_clone, tmp_path: Path
) -> None:
    clone = new_clone.copy(tmp_path)
    clone.commit()
    told = clone.run("pipeline.cli.workspace", "claim", "bleu-clipping")
    assert "bleu-clipping: refuted (embedded corpora)" in told
    assert (clone.folder / "report/demo/index.html").exists()
    assert clone.git("status", "--short") == ""
    assert "known are intro-variable-length" in clone.run("pipeline.cli.workspace", "claim", code=2)


def test_committed_results_are_judged_in_a_fresh_clone_after_code_has_changed(
    root: Path, new_clone, tmp_path: Path
) -> None:
    """`make ledger`, without models, caches or DVC."""
    clone = new_clone.copy(tmp_path)
    shutil.copytree(root / "results/full", clone.folder / "results/full", dirs_exist_ok=True)
    (clone.folder / "results/full/claims.json").unlink(missing_ok=True)
    cells = clone.folder / "pipeline/nn/cells.py"
    cells.write_text(cells.read_text(encoding="utf-8") + "\n\nCHANGED = 1\n", encoding="utf-8")
    assert "claims" in clone.run("stages.judge")
    assert "report" in clone.run("stages.report")
    rows = json.loads((clone.folder / "results/full/claims.json").read_text(encoding="utf-8"))
    assert {"holds", "refuted"} <= {row["verdict"] for row in rows}
