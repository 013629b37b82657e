"""`make plan`: which stages a change would run, why, and their minutes in past runs."""

import logging
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline.config import load
from pipeline.config.schema.params import Params
from pipeline.errors import UserError
from pipeline.files import read_json
from pipeline.training.signature import specifications, trial_specifications
from pipeline.training.store import is_done
from pipeline.training.trials import choose, rates

CACHED = "in the run cache"
SHOWN = 3


@dataclass(frozen=True)
class Step:
    """One stage that `dvc repro` wouldn't skip; `minutes` None: it never ran here."""

    stage: str
    why: str
    minutes: float | None


def main() -> int:
    """Prints the plan of params.yaml as it stands; returns the exit code."""
    console = Console()
    try:
        params = load()
        steps = list(plan(params, reasons()))
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    if not steps:
        console.print("nothing would run")
        return 0
    table = Table("stage", "why", show_footer=True, box=None, pad_edge=False)
    table.add_column("minutes", justify="right", footer=_total(steps))
    table.columns[0].footer = f"{len(steps)} stages"
    for step in steps:
        table.add_row(step.stage, step.why, "?" if step.minutes is None else f"{step.minutes:.1f}")
    console.print(table)
    return 0


def plan(params: Params, why: Mapping[str, str]) -> Iterator[Step]:
    """Steps in the graph's order.

    Args:
        why: stage that changed, or follows one that did -> reason, as from `reasons`.
    """
    for stage, reason in why.items():
        minutes: float | None = 0.0
        if reason != CACHED:
            kind, _, key = stage.partition("@")
            match kind:
                case "train":
                    fresh = f"prepare@{params.experiments[key].dataset}" not in why
                    minutes, note = _training_minutes(params, key, fresh)
                    reason += note
                case "download" | "prepare":
                    folder = {"download": "corpora", "prepare": "datasets"}[kind]
                    minutes = _past(params, f"{folder}/{key}.json").get("minutes")
                case "evaluate":
                    minutes = _past(params, f"{key}/provenance.json").get("minutes", {}).get("evaluate")
                case _ if stage in params.looks:
                    minutes = _past(params, f"probes/{kind}/{key}/provenance.json").get("minutes")
        yield Step(stage, reason, minutes)


def reasons() -> dict[str, str]:
    """Stages that `dvc repro` wouldn't skip, in the graph's order, each with the reason.

    What follows a changed stage is listed too: DVC skips it when its input comes out as before.
    """
    import networkx
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    from pipeline.cli.dvc import quicken

    quicken()
    logging.getLogger("dvc").setLevel(logging.WARNING)
    try:
        repo = Repo()
        status, graph = repo.status(), repo.index.graph
    except DvcException as error:
        raise UserError(f"dvc: {error}") from None
    found: dict[str, str] = {}
    for stage in reversed(list(networkx.topological_sort(graph))):
        above = [found[other.addressing] for other in graph.successors(stage) if other.addressing in found]
        if stage.addressing in status:
            found[stage.addressing] = CACHED if _in_run_cache(repo, stage) else _why(status[stage.addressing])
        elif above:
            found[stage.addressing] = CACHED if set(above) == {CACHED} else "follows"
    return found


def _in_run_cache(repo: Any, stage: Any) -> bool:
    from dvc.stage.cache import RunCacheNotFoundError
    from dvc_data.hashfile.hash_info import HashInfo

    if not all(dependency.exists for dependency in stage.deps):
        return False
    stage.save_deps()
    for out in stage.outs:  # or DVC takes the outputs of the last run for those of the changed stage
        out.hash_info = HashInfo()
    try:
        repo.stage_cache.restore(stage, dry=True)
    except RunCacheNotFoundError:
        return False
    return True


def _why(changes: list[Any]) -> str:
    """DVC's status of a stage in a few words: the parameters, code or data that changed."""
    words = []
    for change in changes:
        if isinstance(change, str):
            words.append(change)
            continue
        for name, state in change.get("changed deps", {}).items():
            words += list(state) if isinstance(state, dict) else ["new" if name == "params.yaml" else name]
        words += ["outputs missing or changed"] if "changed outs" in change else []
    words = ["new"] if "new" in words else list(dict.fromkeys(words))
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more


def _training_minutes(params: Params, experiment: str, same_data: bool) -> tuple[float | None, str]:
    """Minutes of the runs that the run store lacks, and a note on their number."""
    facts = _past(params, f"datasets/{params.experiments[experiment].dataset}.json")
    read = Path(), facts.get("digest", "")
    tried = trial_specifications(params, experiment, *read)
    # Where none is finished, as if the first rate were chosen.
    first = {trial.variant: trial.parameters["training"]["learning_rate"] for trial in reversed(tried)}
    chosen = first | rates(choose(tried))
    specs = {
        spec.signature: spec for spec in [*tried, *specifications(params, experiment, *read, chosen)]
    }.values()
    total = missing = len(specs)
    if same_data and "digest" in facts:
        missing = sum(not is_done(spec) for spec in specs)
    past = list(_past(params, f"{experiment}/provenance.json").get("minutes", {}).get("per_run", {}).values())
    note = f" ({missing} of {total} runs to train)"
    if not missing:
        return 0.0, note
    return (missing * sum(past) / len(past) / params.execution.workers if past else None), note


def _past(params: Params, path: str) -> dict[str, Any]:
    file = Path("results") / params.profile / path
    return dict(read_json(file)[0]) if file.exists() else {}


def _total(steps: list[Step]) -> str:
    known = sum(step.minutes for step in steps if step.minutes is not None)
    return f"{'more than ' if any(step.minutes is None for step in steps) else ''}{known:.1f}"


if __name__ == "__main__":
    sys.exit(main())
