"""A run's signature names what the run reads: no more, no less."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.config import parse
from pipeline.training.signature import specifications
from pipeline.training.spec import RunSpec

SMOKE = yaml.safe_load((Path(__file__).parents[2] / "params/smoke.yaml").read_text(encoding="utf-8"))


def specs(experiment: str = "translation", digest: str = "d", **changes: Any) -> list[RunSpec]:
    """Of the smoke parameters with values replaced: a key's path, joined by __, -> value."""
    raw = copy.deepcopy(SMOKE)
    for path, value in changes.items():
        at, *keys = (raw, *path.split("__"))
        for key in keys[:-1]:
            at = at[key]
        at[keys[-1]] = value
    return specifications(parse(raw), experiment, Path("data"), digest)


def signatures(**changes: Any) -> list[str]:
    return [spec.signature for spec in specs(**changes)]


TRANSLATION = "experiments__translation"


@pytest.mark.parametrize(
    "changes",
    [
        {f"{TRANSLATION}__question": "Another?"},
        {f"{TRANSLATION}__decoding__beam": 7},
        {"experiments__sentiment__model__hidden": 13},
        {"datasets__reviews_words__tokenizer__vocabulary": 23},
        {"execution__workers": 3},
        {"profile": "other"},
        {f"{TRANSLATION}__grid": {"renamed": {"model": {"attention": "none"}}, "luong": {}}},
    ],
)
def test_what_a_run_does_not_read_changes_no_signature(changes: dict[str, Any]) -> None:
    assert signatures(**changes) == signatures()


@pytest.mark.parametrize(
    "changes",
    [
        {f"{TRANSLATION}__model__embedding": 10},
        {f"{TRANSLATION}__training__clip_norm": 3.0},
        {f"{TRANSLATION}__data__batch_tokens": 101},
        {"trainer__threads": 2},
        {"digest": "e"},
    ],
)
def test_what_a_run_reads_changes_every_signature(changes: dict[str, Any]) -> None:
    assert not set(signatures(**changes)) & set(signatures())


def test_a_variant_differs_where_its_parameters_do() -> None:
    grid = {
        "none": {"model": {"attention": "none"}},
        "luong": {},
        "also_luong": {"model": {"attention": "luong"}},
    }
    none, luong, also = signatures(**{f"{TRANSLATION}__grid": grid})
    assert none != luong == also


def test_seeds_come_first_and_a_new_one_is_added_behind() -> None:
    two, three = (specs(**{f"{TRANSLATION}__seeds": seeds}) for seeds in (2, 3))
    assert [(spec.variant, spec.seed) for spec in two] == [
        ("none", 0),
        ("luong", 0),
        ("none", 1),
        ("luong", 1),
    ]
    assert [spec.signature for spec in three[:4]] == [spec.signature for spec in two]
    assert len({spec.signature for spec in three}) == 6


def test_a_spec_comes_back_from_disk(tmp_path: Path) -> None:
    spec = specs()[1]
    spec.write(tmp_path / "spec.json")
    assert RunSpec.read(tmp_path / "spec.json") == spec
    assert spec.name == "translation/luong/0"


def test_the_kernels_of_a_gpu_are_code_of_runs_that_may_be_on_one() -> None:
    on_cpu, on_gpu, on_either = (
        {spec.code_digest for spec in specs(trainer__accelerator=name)} for name in ("cpu", "gpu", "auto")
    )
    assert on_gpu == on_either
    assert not on_cpu & on_gpu


def test_who_reads_first_or_sees_few_labels_is_trained_by_another_module() -> None:
    few = specs(
        "sentiment",
        experiments__sentiment__grid={"few": {"data": {"few": {"labels": 4, "passes": 1}}}, "all": {}},
    )
    assert [spec.task_module for spec in few[:2]] == [
        "pipeline.tasks.reading_first",
        "pipeline.tasks.many_to_one",
    ]
    assert {spec.task for spec in few} == {"classification"}
