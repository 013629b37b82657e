"""Of several learning rates each variant trains with the one that validation prefers."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.config import parse
from pipeline.config.schema.params import Params
from pipeline.errors import UserError
from pipeline.files import write_json
from pipeline.training import store, trials
from pipeline.training.signature import specifications, trial_specifications
from pipeline.training.spec import RunSpec

SMOKE = yaml.safe_load((Path(__file__).parents[2] / "params/smoke.yaml").read_text(encoding="utf-8"))


def params(rates: Any, grid: dict[str, Any], seeds: int = 2) -> Params:
    raw = copy.deepcopy(SMOKE)
    sentiment = raw["experiments"]["sentiment"]
    sentiment["training"]["learning_rate"] = rates
    sentiment |= {"grid": grid, "seeds": seeds}
    return parse(raw)


GRID: dict[str, Any] = {
    "lstm": {},
    "rnn": {"model": {"cell": "rnn"}},
    "fixed": {"training": {"learning_rate": 0.5}},
}


def rate(spec: RunSpec) -> float:
    return float(spec.parameters["training"]["learning_rate"])


def finish(spec: RunSpec, score: float) -> None:
    folder = store.folder_of(spec)
    write_json(folder / "run.json", {"best_score": score})
    write_json(folder / "timing.json", {"minutes": 0.25})
    write_json(folder / "done.json", {})


def test_a_variant_that_names_its_rate_is_not_tried() -> None:
    found = trial_specifications(params([0.1, 0.2], GRID, seeds=2), "sentiment", Path("data"), "d")
    assert [(spec.variant, rate(spec), spec.seed) for spec in found] == [
        (variant, rate, seed) for variant in ("lstm", "rnn") for rate in (0.1, 0.2) for seed in (0, 1)
    ]
    assert trial_specifications(params(0.1, GRID), "sentiment", Path("data"), "d") == []


def test_three_seeds_choose_for_all() -> None:
    found = trial_specifications(params([0.1, 0.2], {"lstm": {}}, seeds=5), "sentiment", Path("data"), "d")
    assert [spec.seed for spec in found] == [0, 1, 2, 0, 1, 2]


def test_a_chosen_rate_is_as_if_it_had_been_named() -> None:
    """So the trials at the rate that was chosen are runs of the experiment, and nothing is trained twice."""
    several, one = params([0.1, 0.2], {"lstm": {}}), params(0.2, {"lstm": {}})
    runs = specifications(several, "sentiment", Path("data"), "d", {"lstm": 0.2})
    assert runs == specifications(one, "sentiment", Path("data"), "d")
    assert runs == trial_specifications(several, "sentiment", Path("data"), "d")[2:]


def test_the_best_mean_on_validation_is_chosen_and_of_equal_ones_the_first() -> None:
    specs = trial_specifications(params([0.1, 0.2, 0.3], GRID), "sentiment", Path("data"), "chosen")
    assert trials.rates(trials.choose(specs)) == {}
    lstm, rnn = [0.5, 0.9, 0.75, 0.75, 1.0, 0.0], [-0.25, -0.25, -0.5, -0.25, -0.5, 0.0]
    for spec, score in zip(specs, lstm + rnn, strict=True):
        finish(spec, score)
    found = trials.choose(specs)
    assert trials.rates(found) == {"lstm": 0.2, "rnn": 0.1}
    assert found[1] == trials.Trial("lstm", 0.2, 2, 0.75, 0.5, chosen=True)
    assert found[5] == trials.Trial("rnn", 0.3, 2, -0.25, 0.5, chosen=False)


def test_a_rate_of_which_one_seed_is_missing_is_not_chosen() -> None:
    specs = trial_specifications(params([0.1, 0.2], {"lstm": {}}), "sentiment", Path("data"), "missing")
    for spec, score in zip(specs[:3], [0.5, 0.5, 0.9], strict=True):
        finish(spec, score)
    found = trials.choose(specs)
    assert trials.rates(found) == {"lstm": 0.1}
    assert found[1] == trials.Trial("lstm", 0.2, 2, None, 0.25, chosen=False)


def test_a_rate_at_which_training_diverges_is_out_of_the_choice(
    lab: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = lab.spec("classification", training={"learning_rate": 1e38, "warmup": 0.0})
    sound = lab.spec("classification", training={"learning_rate": 0.01, "epochs": 1})
    found = trials.run([broken, sound], workers=1)
    assert [(trial.learning_rate, trial.chosen) for trial in found] == [(1e38, False), (0.01, True)]
    assert found[0].score is None
    assert "2 runs choose the learning rate of 1 variant" in capsys.readouterr().out
    with pytest.raises(UserError, match=r"loss (nan|inf) at step"):
        trials.run([broken], workers=1)


def test_a_trial_that_failed_otherwise_ends_the_stage(lab: Any) -> None:
    """It says nothing about its rate: a full disk, a lost process."""
    broken = lab.spec("classification", model={"cell": "quantum"})
    sound = lab.spec("classification", training={"learning_rate": 0.01, "epochs": 1})
    with pytest.raises(UserError, match="KeyError: 'quantum'"):
        trials.run([broken, sound], workers=1)


def test_without_a_choice_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert trials.run([], workers=1) == []
    assert capsys.readouterr().out == ""
