"""The smoke profile through DVC, from nothing to registered models, and what a change reruns."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.xdist_group("system")
SCORED = ("evaluate@sentiment", "evaluate@translation", "evaluate@part_of_speech", "evaluate@entities")


def test_everything_is_there(finished) -> None:
    for variant in ("rnn", "lstm"):
        assert (finished.folder / f"models/smoke/sentiment/{variant}/0/bundle/weights.safetensors").exists()
    assert "</html>" in (finished.folder / "report/smoke/index.html").read_text(encoding="utf-8")
    shown = json.loads(finished.run("dvc", "metrics", "show", "--json"))[""]["data"]
    luong = shown["results/smoke/translation/metrics/luong.json"]["data"]
    assert 0 <= luong["bleu"] <= 100
    crf = shown["results/smoke/entities/metrics/crf.json"]["data"]
    assert 0 <= crf["entity_f1"] <= 1
    assert shown["results/smoke/sentiment/metrics/majority.json"]["data"]["accuracy"] == 0.5


def test_each_variant_trained_at_its_best_learning_rate_on_validation(finished) -> None:
    (facts,) = json.loads((finished.folder / "results/smoke/forecast_univariate/provenance.json").read_text())
    assert {trial["learning_rate"] for trial in facts["trials"]} == {0.01, 0.02}
    for variant in facts["variants"]:
        tried = [trial for trial in facts["trials"] if trial["variant"] == variant]
        best = max(tried, key=lambda trial: trial["score"])
        assert [trial for trial in tried if trial["chosen"]] == [best]
        run = finished.folder / f"models/smoke/forecast_univariate/{variant}/0/run.json"
        made = json.loads(run.read_text())
        assert made["parameters"]["training"]["learning_rate"] == best["learning_rate"]
        assert made["best_score"] == best["score"]


def test_plots_are_drawn_from_every_table(finished, tmp_path: Path) -> None:
    finished.run("dvc", "plots", "show", "--out", str(tmp_path))
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    for table in ("curves", "summary", "scores", "tables/confusion", "tables/calibration"):
        assert f"results/smoke/sentiment/{table}.csv" in page
    assert "results/smoke/translation/tables/bleu_by_length.csv" in page
    assert "results/smoke/entities/tables/by_tag.csv" in page
    for table in ("flow", "shares"):
        assert f"results/smoke/probes/gradient_flow/vanishing/{table}.csv" in page
    for table in ("readout", "damage"):
        assert f"results/smoke/probes/states/language/{table}.csv" in page
    assert "results/smoke/probes/layers/depth/layers.csv" in page
    for table in ("gates/filler/gates", "gates/filler/answers", "beam/translation/tree"):
        assert f"results/smoke/probes/{table}.csv" in page
    for table in ("times", "exponents"):
        assert f"results/smoke/probes/timing/{table}.csv" in page
    assert "results/smoke/probes/divergence/runs.csv" in page


def test_the_report_shows_sentences_with_their_tags(finished) -> None:
    page = (finished.folder / "report/smoke/index.html").read_text(encoding="utf-8")
    assert "Which tags are hard" in page
    rows = re.findall(r'<tr><th scope="row">tags</th>(.*?)</tr>', page)
    assert len(rows) >= 6
    assert all("<td>" in row for row in rows)


def test_git_sees_nothing_but_the_lock(finished) -> None:
    assert finished.git("status", "--short") == "?? dvc.lock\n"


def test_nothing_to_do_runs_nothing(finished) -> None:
    assert finished.repro() == set()
    assert "Running stage" not in finished.run("dvc", "repro")
    assert finished.run("pipeline.cli.plan") == "nothing would run\n"


def test_another_beam_retrains_nothing_and_back_runs_nothing(clone) -> None:
    models, predictions = clone.content("models"), clone.content("predictions")
    results = clone.content("results")
    clone.set("experiments.translation.decoding.beam", 3)
    assert clone.repro(*SCORED) == {"evaluate@translation"}
    assert clone.content("models") == models
    clone.set("experiments.translation.decoding.beam", 2)
    assert clone.repro(*SCORED) == set()
    assert clone.content("predictions") == predictions
    assert clone.content("results") == results


def test_an_added_seed_trains_that_seed_only_and_back_runs_nothing(clone) -> None:
    before, models = clone.finished_runs(), clone.content("models")
    clone.set("experiments.sentiment.seeds", 2)
    assert "train@sentiment" in clone.run("pipeline.cli.plan")
    assert clone.repro("train@sentiment") == {"train@sentiment"}
    after = clone.finished_runs()
    assert len(after) == len(before) + 2  # rnn/1 and lstm/1
    assert before.items() <= after.items()
    assert models.items() <= clone.content("models").items()
    clone.set("experiments.sentiment.seeds", 1)
    assert clone.repro("train@sentiment") == set()
    assert clone.content("models") == models


def test_an_empty_lock_is_healed_and_the_run_cache_brings_stages_back(clone) -> None:
    results = clone.content("results")
    (clone.folder / "dvc.lock").write_bytes(b"")
    told = clone.run("pipeline.cli.workspace", "repro", "--", *SCORED)
    assert told.startswith("dvc.lock was cut off")
    assert "validation" not in told  # no run was trained
    assert "accuracy" not in told  # nor evaluated
    assert clone.content("results") == results
    assert clone.repro(*SCORED) == set()


def test_a_deleted_experiment_leaves_no_result_in_the_report(clone) -> None:
    question = "What does attention add"
    page = clone.folder / "report/smoke/index.html"
    assert question in page.read_text(encoding="utf-8")
    clone.set("experiments.translation", None)
    clone.set("probes.beam", {})  # it looks into the experiment
    assert clone.repro("report") == {"judge", "report"}
    assert question not in page.read_text(encoding="utf-8")


def test_a_typo_is_one_line_and_exit_2(clone) -> None:
    clone.set("experiments.sentiment.model.hiden", 8)
    line = "params.yaml: experiments.sentiment.model: unknown name 'hiden'"
    for command in (
        ["stages.train", "sentiment"],
        ["pipeline.cli.main", "check"],
        ["pipeline.cli.workspace", "repro"],
    ):
        told = clone.run(*command, code=2)
        assert told.startswith(line)
        assert told.rstrip().endswith("did you mean hidden?")
        assert told.count("\n") == 1
    told = clone.run("dvc", "repro", "train@sentiment", code=255)
    assert line in told
    assert "Traceback" not in told


def test_two_at_once_get_one_message_and_a_killed_dvc_leaves_no_orphan(clone) -> None:
    clone.set("experiments.sentiment.training.epochs", 5000)
    command = [sys.executable, "-m", "dvc", "repro", "train@sentiment"]
    first = subprocess.Popen(command, cwd=clone.folder, env=clone.environment, stdout=subprocess.PIPE)
    assert first.stdout is not None
    while b"stages.train" not in first.stdout.readline():
        pass
    told = clone.run("pipeline.cli.workspace", "repro", code=2)
    assert told == f"another dvc runs the pipeline here (process {first.pid}); wait for it or stop it\n"
    assert "is busy, it is being blocked by" in clone.run("dvc", "repro", "train@sentiment", code=255)
    started = _wait_for_runs(clone, psutil.Process(first.pid))
    first.kill()
    first.wait()
    gone, alive = psutil.wait_procs(started, timeout=30)
    assert not alive
    assert len(gone) == len(started)
    clone.set("experiments.sentiment.training.epochs", 1)
    assert clone.repro("train@sentiment") == set()


def _wait_for_runs(clone, dvc: psutil.Process) -> list[psutil.Process]:
    """All processes below DVC, once a run of the new parameters writes its log."""
    finished = clone.finished_runs()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        runs = {path.parent.name for path in (clone.folder / ".unrolled/runs").glob("*/curves.jsonl")}
        if runs - finished.keys():
            return dvc.children(recursive=True)
        time.sleep(0.1)
    raise AssertionError("no run started")
