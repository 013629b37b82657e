"""Reading params.yaml: files that are none, variants, and options of a model that go together or don't."""

import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import load, parse, variants
from pipeline.errors import UserError

KEYS = "profile, corpora, datasets, experiments, probes, timing, divergence, trainer, execution"
SENTIMENT = "experiments/sentiment"


@pytest.mark.parametrize(
    "path", ["params.yaml", *(f"params/{name}.yaml" for name in ("embedded", "gpu", "smoke"))]
)
def test_committed_parameters_are_valid(root: Path, path: str) -> None:
    params = load(root / path)
    for name, experiment in params.experiments.items():
        assert list(variants(params, name)) == list(experiment.grid)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"a: [1\n", r", line 2: not YAML \(expected ',' or '\]'.*\); mend that line"),
        (b"a: 1\nb:\n\t- c", r", line 3: not YAML \(found character '\\t' .*\); mend that line"),
        (
            b"a: !!python/tuple [1]",
            r", line 1: not YAML \(could not determine a constructor.*\); mend that line",
        ),
        (
            b"a: 1\nb:\n  c: 1\n  c: 2\n",
            r", line 4: not YAML \('c' stands twice in one block\); mend that line",
        ),
        (b"{a: 1}: 2", r", line 1: not YAML \(found unhashable key\); mend that line"),
        (b"a: \x00", r": not YAML \(unacceptable character #x0000: .*\); mend it"),
        (b"a: 2020-99-99", r": not YAML \(month must be in 1..12\); mend it"),
        (b"\xff\xfea", r": not UTF-8 \(byte 0\); save it as UTF-8"),
        (b"", f": holds NoneType, needs keys: {KEYS}"),
        (b"- a", f": holds list, needs keys: {KEYS}"),
    ],
)
def test_a_file_that_is_no_mapping(tmp_path: Path, content: bytes, line: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"^{re.escape(str(path))}{line}$"):
        load(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"none\.yaml: no such file; run from the project's root or name a param"
    ):
        load(tmp_path / "none.yaml")


def test_variants_merge_into_the_base(changed: Any) -> None:
    raw = changed(
        f"{SENTIMENT}/grid/wide",
        {"model": {"hidden": 13}, "training": {"patience": 3}, "data": {"keep": "last"}},
    )
    params = parse(raw)
    resolved = variants(params, "sentiment")
    base = params.experiments["sentiment"].model_dump()
    assert list(resolved) == ["rnn", "lstm", "wide"]
    assert resolved["lstm"] == params.experiments["sentiment"]
    wide = resolved["wide"].model_dump()
    assert wide == base | {
        "model": base["model"] | {"hidden": 13},
        "training": base["training"] | {"patience": 3},
        "data": base["data"] | {"keep": "last"},
    }


def test_numbers_in_the_exponent_form_that_yaml_reads_as_text(changed: Any) -> None:
    assert parse(changed(f"{SENTIMENT}/training/learning_rate", "1e-3")).experiments[
        "sentiment"
    ].training.learning_rate == pytest.approx(1e-3)


def test_parameters_are_frozen(smoke: Any) -> None:
    params = parse(smoke)
    with pytest.raises(ValueError, match="frozen"):
        params.trainer.devices = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"hidden": "auto"}, "hidden auto needs parameters, the most that the network may have"),
        ({"parameters": 900}, "parameters 900 needs hidden auto; leave one of them out"),
        ({"activation": "relu"}, "activation relu is for cell rnn, not lstm"),
        ({"cell": "gru", "held_gates": ["forget"]}, "held_gates is for cell lstm, not gru"),
        ({"held_gates": ["input", "input"]}, "held_gates names a gate twice"),
        (
            {"cell": "rnn", "coupled_gates": True},
            "coupled_gates is for cell gru or lstm; rnn has no gates",
        ),
        (
            {"coupled_gates": True, "held_gates": ["forget"]},
            "coupled_gates leaves neither input nor forget gate to be held; hold output only",
        ),
        ({"reset": "before"}, "reset before is for cell gru, not lstm"),
        (
            {"recurrent_dropout_share": 0.25},
            "recurrent_dropout_share 0.25 needs a recurrent_dropout other than none",
        ),
        (
            {"recurrent_dropout": "zoneout"},
            "recurrent_dropout zoneout needs a recurrent_dropout_share above 0",
        ),
        (
            {"bidirectional": True, "reversed": True},
            "reversed goes with bidirectional false only: both ways have no order to reverse",
        ),
    ],
)
def test_options_that_make_no_sense_together_are_one_line(
    changed: Any, model: dict[str, Any], message: str
) -> None:
    raw = changed(f"{SENTIMENT}/grid/lstm", {"model": model})
    line = f"p.yaml: experiments.sentiment.grid.lstm.model: {message}"
    with pytest.raises(UserError, match=f"^{re.escape(line)}$"):
        parse(raw, "p.yaml")


@pytest.mark.parametrize(
    "model",
    [
        {"hidden": "auto", "parameters": 9000},
        {
            "cell": "rnn",
            "activation": "linear",
            "recurrent_dropout": "zoneout",
            "recurrent_dropout_share": 0.1,
        },
        {"cell": "gru", "reset": "before", "coupled_gates": True, "reversed": True},
        {"held_gates": ["output"], "coupled_gates": True, "initial_state": "learned"},
    ],
)
def test_options_that_make_sense_together_are_taken(changed: Any, model: dict[str, Any]) -> None:
    params = parse(changed(f"{SENTIMENT}/grid/lstm", {"model": model}))
    chosen = variants(params, "sentiment")["lstm"].model.model_dump()
    assert chosen | model == chosen
