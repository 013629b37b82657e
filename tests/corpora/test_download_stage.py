import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

ROOT = Path(__file__).parents[2]


def _stage(key: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stages.download", key],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_stage_writes_corpus_and_provenance(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_bytes((ROOT / "params" / "smoke.yaml").read_bytes())
    result = _stage("reviews", tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("download reviews: train 128, validation 64, test 64, unsupervised")
    assert result.stdout.count("\n") == 1
    assert result.stderr == ""
    (provenance,) = json.loads((tmp_path / "results/smoke/corpora/reviews.json").read_text())
    assert provenance["source"] == "generated"
    assert provenance["splits"]["train"]["rows"] == 128
    assert pq.read_table(tmp_path / "data/raw/smoke/reviews/train.parquet").num_rows == 128


def test_stage_says_in_one_line_what_failed(tmp_path: Path) -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    text = text.replace("https://ai.stanford.edu", "http://127.0.0.1:9").replace("retries: 4", "retries: 0")
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    result = _stage("imdb", tmp_path, CORPORA_MIRROR="nowhere")
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(
        f"corpora.imdb: no source works: mirror {tmp_path}/nowhere/manifest.json: not there"
    )
    assert not (tmp_path / "data/raw/full/imdb").exists()
