"""The plan names what DVC would run, and what it cost before."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import plan as planning
from pipeline.cli.plan import CACHED, Step, plan, reasons
from pipeline.config import load
from pipeline.files import write_json
from pipeline.training.signature import specifications, trial_specifications
from pipeline.training.store import folder_of

GRAPH = """\
stages:
  train:
    foreach: ${experiments}
    do:
      cmd: mkdir -p models && cp params.yaml models/${key}
      deps: [code.py]
      params: ["experiments.${key}"]
      outs: ["models/${key}"]
  report:
    cmd: cat models/* > report
    deps: [models]
    outs: [report]
"""


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small DVC project that has run once."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    Path(".dvc").mkdir()
    Path(".dvc/config").write_text("[core]\n    analytics = false\n")
    Path("dvc.yaml").write_text(GRAPH)
    Path("code.py").write_text("1")
    hidden(small=3, large=5)
    repro()
    return tmp_path


def hidden(**sizes: int) -> None:
    lines = [f"  {name}:\n    hidden: {size}\n" for name, size in sizes.items()]
    Path("params.yaml").write_text("experiments:\n" + "".join(lines))


def repro() -> None:
    subprocess.run([sys.executable, "-m", "dvc", "repro", "-q"], check=True)


def test_reasons_follow_the_graph(pipeline: Path) -> None:
    assert reasons() == {}
    hidden(small=7, large=5)
    assert reasons() == {"train@small": "experiments.small", "report": "follows"}
    repro()
    hidden(small=3, large=5)
    assert reasons() == {"train@small": CACHED, "report": CACHED}
    Path("code.py").write_text("2")
    found = reasons()
    assert found.pop("report") == "follows"
    assert found == {"train@small": "code.py, experiments.small", "train@large": "code.py"}


def test_missing_outputs_and_new_stages_are_named(pipeline: Path) -> None:
    shutil.rmtree(".dvc/cache")
    Path("models/small").unlink()
    hidden(small=3, large=5, huge=11)
    found = reasons()
    assert list(found)[-1] == "report"
    assert found["train@small"] == "outputs missing or changed"
    assert found["train@huge"] == "new"


def test_long_reasons_are_cut() -> None:
    changes = [
        {"changed deps": {"a": "modified", "params.yaml": {"b": "new", "c": "modified"}, "d": "deleted"}}
    ]
    assert planning._why([*changes, "changed command"]) == "a, b, c and 2 more"


@pytest.fixture
def past(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Records of a smoke run: four runs of half a minute, of which one was deleted from the run store."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(root / "params/smoke.yaml", "params.yaml")
    results = tmp_path / "results/smoke"
    write_json(results / "corpora/reviews.json", [{"minutes": 0.25}])
    write_json(results / "datasets/reviews_words.json", [{"minutes": 0.5, "digest": "data"}])
    minutes = {"train": 1.0, "evaluate": 0.125, "per_run": {"rnn/0": 0.4, "lstm/0": 0.6}}
    write_json(results / "sentiment/provenance.json", [{"minutes": minutes}])
    specs = specifications(load(), "sentiment", Path(), "data")
    assert len(specs) == 2
    write_json(folder_of(specs[0]) / "done.json", {})
    return tmp_path


def test_minutes_come_from_past_runs_and_the_run_store(past: Path) -> None:
    params = load()
    why = {"train@sentiment": "new seed", "evaluate@sentiment": "follows", "report": "follows"}
    assert list(plan(params, why)) == [
        Step("train@sentiment", "new seed (1 of 2 runs to train)", 0.5 / params.execution.workers),
        Step("evaluate@sentiment", "follows", 0.125),
        Step("report", "follows", 0.0),
    ]


def test_rates_to_choose_from_are_runs_too(past: Path) -> None:
    text = Path("params.yaml").read_text()
    start = text.index("  sentiment:\n    task")
    place = text.index("learning_rate:", start)
    line = text[place : text.index("\n", place)]
    several = f"learning_rate: [{line.split(': ')[1]}, 0.5, 0.25]"
    Path("params.yaml").write_text(text[:place] + text[place:].replace(line, several, 1))
    trial = trial_specifications(load(), "sentiment", Path(), "data")[0]
    write_json(folder_of(trial) / "run.json", {"best_score": 0.5})
    write_json(folder_of(trial) / "timing.json", {"minutes": 0.5})
    (step,) = plan(load(), {"train@sentiment": "training.learning_rate"})
    assert step.why == "training.learning_rate (5 of 6 runs to train)"


def test_a_probe_costs_what_it_cost_before(past: Path) -> None:
    write_json(Path("results/smoke/probes/gradient_flow/vanishing/provenance.json"), [{"minutes": 0.75}])
    assert list(plan(load(), {"gradient_flow@vanishing": "new"})) == [
        Step("gradient_flow@vanishing", "new", 0.75)
    ]


def test_new_data_train_everything(past: Path) -> None:
    params = load()
    steps = list(plan(params, {"prepare@reviews_words": "x", "train@sentiment": "follows"}))
    assert steps[0].minutes == 0.5
    assert steps[1] == Step(
        "train@sentiment", "follows (2 of 2 runs to train)", 1.0 / params.execution.workers
    )


def test_what_never_ran_has_no_minutes_and_the_cache_costs_none(past: Path) -> None:
    why = {"download@translation": "new", "train@translation": "new", "evaluate@translation": CACHED}
    assert [step.minutes for step in plan(load(), why)] == [None, None, 0.0]


def test_prints_a_table_with_a_total(
    past: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(planning, "reasons", lambda: {"download@reviews": "new", "train@translation": "new"})
    assert planning.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["download@reviews", "new", "0.2"]
    assert lines[-1].split() == ["2", "stages", "more", "than", "0.2"]
    monkeypatch.setattr(planning, "reasons", dict)
    planning.main()
    assert capsys.readouterr().out == "nothing would run\n"
