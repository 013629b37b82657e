"""Runs as processes: they learn, repeat themselves bit for bit, survive kill -9, and fail alone."""

import json
import math
import os
import re
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from pipeline.bundle.load import load
from pipeline.errors import UserError
from pipeline.files import read_json
from pipeline.training import fit, scheduler, store
from pipeline.training.run import FAILED
from pipeline.training.spec import RunSpec
from pipeline.warm import KILLED

TASKS = ["classification", "translation", "tagging"]
# A learning rate that moves weights and no score: the first epoch stays the best one.
STILL = {"learning_rate": 1e-7, "schedule": "constant", "warmup": 0.0, "epochs": 6}


@pytest.fixture(scope="module")
def finished(lab: Any, runs: Path) -> dict[str, RunSpec]:
    """Runs that several tests look at, trained at once."""
    specs = {
        **{task: lab.spec(task) for task in TASKS},
        **{f"{task} again": lab.spec(task, twin="again") for task in TASKS},
        "other seed": lab.spec("classification", seed=5),
        "half precision": lab.spec("classification", training={"precision": "bf16-mixed", "epochs": 2}),
        "one epoch": lab.spec("classification", training=STILL | {"epochs": 1}),
        "patient": lab.spec("classification", training=STILL | {"patience": 3}),
    }
    scheduler.train(list(specs.values()), workers=2)
    return specs


@pytest.mark.parametrize("task", TASKS)
def test_a_run_leaves_its_results_and_nothing_else(finished: dict[str, RunSpec], lab: Any, task: str) -> None:
    spec = finished[task]
    folder = store.folder_of(spec)
    left = {path.name for path in folder.iterdir()}
    assert left == {*store.RESULTS, "done.json", "spec.json", "curves.jsonl", "log.txt", "lock"}
    run = lab.run(spec)
    assert run["epochs"] == 4
    assert run["signature"] == spec.signature
    assert run["parameters"] == spec.parameters
    assert 1 <= run["best_epoch"] <= 4
    timing = read_json(folder / "timing.json")
    assert 0 < timing["minutes"] < 2
    assert 0 <= timing["data_wait_share"] < 1
    assert timing["tokens_per_second"] > 0

    bundle = load(folder / "bundle")
    assert bundle.task == task
    assert bundle.description["score"] == {"name": run["score_name"], "value": run["best_score"]}
    assert bundle.description["signature"] == spec.signature
    assert sum(weights.numel() for weights in bundle.network.parameters()) == run["parameters_count"]


@pytest.mark.parametrize("task", TASKS)
def test_curves_are_whole_and_in_order(finished: dict[str, RunSpec], lab: Any, task: str) -> None:
    spec = finished[task]
    curves = pd.read_csv(store.folder_of(spec) / "curves.csv")
    run = lab.run(spec)
    for metric in ("train_loss", "gradient_norm", "learning_rate", "validation_loss", "validation_score"):
        curve = curves[curves["metric"] == metric]
        assert curve["step"].is_monotonic_increasing
        assert curve["epoch"].is_monotonic_increasing
        assert curve["step"].iloc[-1] == run["steps"]
        assert curve["epoch"].iloc[-1] == 4
    scores = curves[curves["metric"] == "validation_score"]
    assert scores["epoch"].tolist() == [1, 2, 3, 4]
    assert scores["value"].max() == run["best_score"]
    assert scores["value"].tolist().index(run["best_score"]) == run["best_epoch"] - 1


@pytest.mark.parametrize("task", TASKS)
def test_a_run_learns(finished: dict[str, RunSpec], lab: Any, task: str) -> None:
    for metric in ("train_loss", "validation_loss"):
        curve = lab.points(finished[task], metric)
        assert curve[-1]["value"] < 0.97 * curve[0]["value"]


@pytest.mark.parametrize("task", TASKS)
def test_the_same_run_gives_the_same_bits(finished: dict[str, RunSpec], lab: Any, task: str) -> None:
    assert lab.results(finished[task]) == lab.results(finished[f"{task} again"])


def test_another_seed_gives_other_bits(finished: dict[str, RunSpec], lab: Any) -> None:
    one, other = lab.results(finished["classification"]), lab.results(finished["other seed"])
    assert one["weights"] != other["weights"]
    assert one["curves"] != other["curves"]


def test_half_precision_computes_something_else(finished: dict[str, RunSpec], lab: Any) -> None:
    one, other = (
        lab.points(finished[name], "train_loss")[0]["value"] for name in ("classification", "half precision")
    )
    assert one != other
    assert one == pytest.approx(other, rel=0.05)


def test_the_best_epochs_weights_are_kept(finished: dict[str, RunSpec], lab: Any) -> None:
    """Later epochs change the weights, but not the score: what the first epoch had is what counts."""
    patient = lab.run(finished["patient"])
    assert (patient["best_epoch"], patient["epochs"]) == (1, 4)
    assert lab.results(finished["patient"])["weights"] == lab.results(finished["one epoch"])["weights"]
    losses = [point["value"] for point in lab.points(finished["patient"], "validation_loss")]
    assert len(set(losses)) == 4


def test_a_finished_run_is_not_repeated(
    finished: dict[str, RunSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(spec: RunSpec) -> Any:
        raise AssertionError(spec)

    monkeypatch.setattr(scheduler, "_fork", refuse)
    before = [os.stat(store.folder_of(spec) / "done.json") for spec in finished.values()]
    scheduler.train(list(finished.values()), workers=2)
    after = [os.stat(store.folder_of(spec) / "done.json") for spec in finished.values()]
    assert [(stat.st_ino, stat.st_mtime_ns) for stat in before] == [
        (stat.st_ino, stat.st_mtime_ns) for stat in after
    ]


def killed_in_epoch(lab: Any, spec: RunSpec, epoch: int) -> None:
    """Starts the run and kills its process in the middle of an epoch, 1 being the first."""
    started = scheduler._fork(spec)

    def is_there() -> bool:
        assert started.code is None, "the run ended before it could be killed"
        return any(epoch - 1 < point["epoch"] < epoch for point in lab.points(spec, "train_loss"))

    lab.wait_for(is_there)
    os.kill(started.process.pid, signal.SIGKILL)
    lab.wait_for(lambda: started.code is not None)
    assert started.code == KILLED.code
    assert not store.is_done(spec)


@pytest.mark.parametrize(("task", "epochs"), [("classification", [1, 2, 3]), ("translation", [2])])
def test_a_killed_run_ends_with_the_bits_of_an_undisturbed_one(
    finished: dict[str, RunSpec], lab: Any, task: str, epochs: list[int]
) -> None:
    spec = lab.spec(task, twin="killed")
    for epoch in epochs:
        killed_in_epoch(lab, spec, epoch)
    # Half a line, as a killed process may leave it.
    with (store.folder_of(spec) / "curves.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"step": 7, "epo')
    scheduler.train([spec], workers=1)
    assert lab.results(spec) == lab.results(finished[task])
    timing = read_json(store.folder_of(spec) / "timing.json")
    assert 0 < timing["minutes"] < 2


def test_patience_survives_a_kill(finished: dict[str, RunSpec], lab: Any) -> None:
    spec = lab.spec("classification", twin="killed", training=STILL | {"patience": 3})
    killed_in_epoch(lab, spec, 3)
    scheduler.train([spec], workers=1)
    assert lab.results(spec) == lab.results(finished["patient"])


def test_a_run_that_was_killed_when_it_had_stopped_early(
    finished: dict[str, RunSpec], lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last checkpoint and before the results: the next start must not train one epoch more."""
    spec = lab.spec("classification", twin="stopped", training=STILL | {"patience": 3})
    folder = store.enter(spec)

    class Killed(Exception):
        pass

    def die(*arguments: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(fit, "_finish", die)
        with pytest.raises(Killed):
            fit.fit(folder)
    assert (folder / "last.ckpt").exists()
    fit.fit(folder)
    assert lab.results(spec) == lab.results(finished["patient"])


def test_a_run_whose_loss_is_no_number_fails_alone(lab: Any) -> None:
    broken = lab.spec("classification", training={"learning_rate": 1e38, "warmup": 0.0})
    sound = lab.spec("classification", seed=7, training={"epochs": 1})
    message = (
        r"^classification/base/3: loss (nan|inf) at step \d+ "
        r"\(learning rate \S+e\+\d+, gradient norm (nan|inf)\); "
        r"try a lower training.learning_rate, a lower training.clip_norm or precision 32-true$"
    )
    with pytest.raises(UserError, match=message):
        scheduler.train([broken, sound], workers=1)
    assert store.is_done(sound)
    assert not store.is_done(broken)


def test_every_failed_run_has_its_line(lab: Any) -> None:
    short = lab.spec("translation", data={"max_tokens": 2})
    gone = lab.spec("classification", twin="gone")
    object.__setattr__(gone, "dataset_folder", "/nowhere/reviews")
    with pytest.raises(UserError) as caught:
        scheduler.train([short, gone], workers=2)
    assert sorted(str(caught.value).splitlines()) == [
        "/nowhere/reviews: no prepared dataset; run `dvc repro prepare@reviews`",
        "data.max_tokens: 2 leaves no training row; the shortest has 3 tokens",
    ]


def test_an_unforeseen_error_is_one_line_too(lab: Any) -> None:
    spec = lab.spec("classification", model={"cell": "quantum"})
    with pytest.raises(UserError) as caught:
        scheduler.train([spec], workers=1)
    folder = re.escape(str(store.folder_of(spec)))
    assert re.fullmatch(
        rf"{folder}: KeyError: 'quantum'; the whole story is in {folder}/log.txt", str(caught.value)
    )
    assert "Traceback" in (store.folder_of(spec) / "log.txt").read_text(encoding="utf-8")


def test_a_second_trainer_is_refused(lab: Any) -> None:
    spec = lab.spec("classification", twin="locked", training={"epochs": 1})
    with (
        store.locked(store.enter(spec)),
        pytest.raises(UserError, match="another process trains this run; wait for"),
    ):
        scheduler.train([spec], workers=1)
    scheduler.train([spec], workers=1)
    assert store.is_done(spec)


def test_runs_with_one_signature_train_once(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = lab.spec("classification", twin="shared", training={"epochs": 1})
    started = []

    def counted(spec: RunSpec, fork: Any = scheduler._fork) -> Any:
        started.append(spec)
        return fork(spec)

    monkeypatch.setattr(scheduler, "_fork", counted)
    scheduler.train([spec, spec, spec], workers=2)
    assert started == [spec]


def test_collected_runs_replace_what_was_there(finished: dict[str, RunSpec], tmp_path: Path) -> None:
    specs = [finished["classification"], finished["classification again"], finished["other seed"]]
    (tmp_path / "models" / "old").mkdir(parents=True)
    store.collect(specs, tmp_path / "models")
    places = sorted(str(path.parent.relative_to(tmp_path / "models")) for path in tmp_path.rglob("run.json"))
    assert places == ["again/3", "base/3", "base/5"]
    assert {path.name for path in (tmp_path / "models" / "base" / "5").iterdir()} == set(store.RESULTS)
    assert not (tmp_path / "models" / "old").exists()


def test_the_process_that_died_without_a_word(lab: Any) -> None:
    class Dead:
        code = KILLED.code

    spec = lab.spec("classification", twin="dead")
    failure = scheduler._failure(scheduler.Started(spec, Dead(), 0.0))  # type: ignore[arg-type]
    place = store.folder_of(spec) / "log.txt"
    assert failure == f"classification/dead/3: its process was killed; see {place}; run again to resume"


@pytest.mark.parametrize("code", [FAILED, -15])
def test_a_rank_that_is_ended_by_another_tells_why(lab: Any, code: int) -> None:
    """Lightning terminates the first rank when another one fails, perhaps before it fails itself."""

    spec = lab.spec("classification", twin=f"ended {code}")
    (store.enter(spec) / "error.txt").write_text("loss nan at step 7\n", encoding="utf-8")
    ended = scheduler.Started(spec, SimpleNamespace(code=code), 0.0)  # type: ignore[arg-type]
    assert scheduler._failure(ended) == "loss nan at step 7"


def test_curves_say_when(finished: dict[str, RunSpec]) -> None:
    lines = (
        (store.folder_of(finished["classification"]) / "curves.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    parsed = [json.loads(line) for line in lines]
    assert all(set(point) == {"step", "epoch", "metric", "value", "time"} for point in parsed)
    assert all(math.isfinite(point["value"]) for point in parsed)
    assert [point["time"] for point in parsed] == sorted(point["time"] for point in parsed)
