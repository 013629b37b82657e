"""dvc.yaml names exactly the code that each stage's script imports."""

import ast
import pkgutil
from pathlib import Path

import pytest
import yaml

from pipeline import build
from pipeline.code import closure
from pipeline.config.schema.probes import Probes
from pipeline.training.tasks import TASK_MODULES

ROOT = Path(__file__).resolve().parents[2]
GRAPH = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]

# Parameters are tracked by value and spelled out in every params file (tests/contract/test_params.py).
BY_VALUE = "pipeline/config/schema/"
PROBES = list(Probes.model_fields)
ALONE = ("bag",)
"""Probes with a script of their own: they compare networks, and look into none."""
# What a script imports by name at run time.
BUILDERS = [f"pipeline.build.{module.name}" for module in pkgutil.iter_modules(build.__path__)]
BY_NAME = {
    "train": [*TASK_MODULES.values(), "pipeline.tasks.reading_first", "pipeline.tasks.parent_first"],
    "evaluate": [*(f"pipeline.evaluation.{task}" for task in TASK_MODULES), *BUILDERS],
    **{kind: [f"pipeline.probes.{kind}", *BUILDERS] for kind in PROBES if kind not in ALONE},
    "register": BUILDERS,
}


def script(stage: str) -> str:
    """Module in stages/, and what else tells it its work."""
    return f"probe {stage}" if stage in PROBES and stage not in ALONE else stage


def definition(stage: str) -> dict:
    return GRAPH[stage].get("do", GRAPH[stage])


def code_deps(stage: str) -> set[str]:
    return {dep for dep in definition(stage)["deps"] if dep.split("/")[0] in ("pipeline", "stages")}


def imported(stage: str) -> set[str]:
    paths = closure([f"stages.{script(stage).split()[0]}", *BY_NAME.get(stage, [])])
    places = {path.relative_to(ROOT).as_posix() for path in paths if does_something(path)}
    return {place for place in places if not place.startswith(BY_VALUE)}


def does_something(path: Path) -> bool:
    """False for an __init__.py of docstring, imports and __all__."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    kinds = ast.Import | ast.ImportFrom | ast.Expr | ast.Assign
    return path.name != "__init__.py" or not all(isinstance(statement, kinds) for statement in body)


@pytest.mark.parametrize("stage", GRAPH)
def test_all_code_of_a_stage_is_tracked(stage: str) -> None:
    deps = code_deps(stage)
    missing = {file for file in imported(stage) if not any(f"{file}/".startswith(f"{dep}/") for dep in deps)}
    assert not missing, f"{stage} imports code that dvc.yaml doesn't name"


@pytest.mark.parametrize("stage", GRAPH)
def test_no_stage_tracks_code_that_it_does_not_use(stage: str) -> None:
    used = imported(stage)
    idle = {dep for dep in code_deps(stage) if not any(f"{file}/".startswith(f"{dep}/") for file in used)}
    assert not idle, f"dvc.yaml lets {stage} rerun for code that it never loads"


@pytest.mark.parametrize("stage", ["download", "prepare", "train", "evaluate"])
def test_the_report_and_tracking_rerun_nothing_before_them(stage: str) -> None:
    assert not {dep for dep in code_deps(stage) if dep.startswith(("pipeline/report", "pipeline/tracking"))}


@pytest.mark.parametrize("stage", GRAPH)
def test_stages_run_as_modules(stage: str) -> None:
    key = " ${key}" if "foreach" in GRAPH[stage] else ""
    assert definition(stage)["cmd"] == f"python -m stages.{script(stage)}{key}"


@pytest.mark.parametrize("stage", GRAPH)
def test_small_results_are_metrics_or_plots(stage: str) -> None:
    """Only then does the run cache keep files that git, not DVC, stores."""
    outs = definition(stage).get("outs", [])
    assert not [out for out in outs if str(out).startswith("results")]
    for kind in ("metrics", "plots"):
        for entry in definition(stage).get(kind, []):
            ((path, options),) = entry.items()
            assert path.startswith("results/${profile}/")
            assert options["cache"] is False


def test_the_training_stage_ignores_decoding() -> None:
    params = definition("train")["params"]
    assert "experiments.${key}" not in params
    assert not [name for name in params if name.endswith(("decoding", "baselines", "question"))]


def test_every_kind_of_probe_has_its_stage() -> None:
    for kind in PROBES:
        assert GRAPH[kind]["foreach"] == f"${{probes.{kind}}}"
        assert definition(kind)["params"] == ["profile", f"probes.{kind}.${{key}}"]


def test_execution_is_tracked_by_no_stage() -> None:
    assert not [stage for stage in GRAPH if any("execution" in str(p) for p in definition(stage)["params"])]
