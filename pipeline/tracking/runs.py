"""Mirrors an evaluated experiment into MLflow: runs nested experiment -> variant -> seed.

A seed's run is known by its signature: the one that live curves opened is completed, and none is made twice.
The runs above it are known by the evaluation's digest: another evaluation (a new beam width, one more
seed) gets a tree of its own, to which the seeds' runs move; the former tree stays as history.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, Run, RunTag

from pipeline.tracking import tags
from pipeline.tracking.looks import log_looks
from pipeline.tracking.notes import experiment_note
from pipeline.tracking.pictures import log_alignments, log_confusion, log_curves, log_fillings, log_forecasts
from pipeline.tracking.points import Point, history, log_points
from pipeline.tracking.results import ExperimentResult, SeedResult
from pipeline.tracking.samples import log_samples


def mirror(client: MlflowClient, experiment_id: str, result: ExperimentResult) -> dict[str, str]:
    """Brings MLflow up to an evaluated experiment; logs nothing that is there already.

    Returns:
        id of each seed's run by its signature.
    """
    root = _tree_run(client, experiment_id, result, result.name, {tags.LEVEL: "experiment"})
    variants = {}
    for variant in dict.fromkeys(result.summary["variant"]):
        own = {tags.LEVEL: "variant", tags.PARENT: root.info.run_id}
        run = _tree_run(client, experiment_id, result, variant, own)
        if run.info.status != "FINISHED":
            _log_variant(client, run.info.run_id, result, variant)
        variants[variant] = run.info.run_id
    seeds = {}
    for seed in result.seeds:
        run = seed_run(client, experiment_id, seed.signature, seed.name, _began(result, seed))
        if run.data.tags.get(tags.EVALUATION) != result.digest:
            run = _complete(client, run, result, seed, parent=variants[seed.variant])
        seeds[seed.signature] = run.info.run_id
    if root.info.status != "FINISHED":
        _log_experiment(client, root.info.run_id, result)
    return seeds


def seed_run(client: MlflowClient, experiment_id: str, signature: str, name: str, start: float) -> Run:
    """The run with this signature; created, named VARIANT/SEED, when there is none.

    `start`: when it began, in seconds since 1970.
    """
    found = _find(client, experiment_id, {tags.SIGNATURE: signature})
    if found is not None:
        return found
    own = {tags.SIGNATURE: signature, tags.LEVEL: "seed", **tags.origin()}
    return client.create_run(experiment_id, start_time=_milliseconds(start), run_name=name, tags=own)


def _tree_run(
    client: MlflowClient, experiment_id: str, result: ExperimentResult, name: str, own: dict[str, str]
) -> Run:
    """The experiment's or a variant's run for this evaluation."""
    known = own | {tags.EVALUATION: result.digest, "mlflow.runName": name}
    found = _find(client, experiment_id, known)
    if found is not None:
        return found
    variant = name if own[tags.LEVEL] == "variant" else None
    start = result.time.timestamp() - 60 * _minutes(result, variant)
    every = known | tags.origin() | tags.lineage(result)
    return client.create_run(experiment_id, start_time=_milliseconds(start), run_name=name, tags=every)


def _complete(
    client: MlflowClient, run: Run, result: ExperimentResult, seed: SeedResult, *, parent: str
) -> Run:
    """Gives a seed's run all that the files hold, under the variant's run `parent`."""
    start, run_id = run.info.start_time / 1000, run.info.run_id
    points = _points(seed, start)
    known = history(client, run)
    if known - {point[:3] for point in points}:
        # Live curves of a training that was resumed with other last bits: files are the truth.
        client.delete_run(run_id)
        anew = seed_run(client, run.info.experiment_id, seed.signature, seed.name, _began(result, seed))
        return _complete(client, anew, result, seed, parent=parent)
    log_points(client, run_id, [point for point in points if point[:3] not in known])
    best = result.best_seed(seed.variant) is seed
    if best:
        client.log_artifacts(run_id, str(seed.bundle), "bundle")
        log_samples(client, run_id, result, seed)
        log_alignments(client, run_id, result, seed)
        log_confusion(client, run_id, result, seed)
        log_forecasts(client, run_id, result, seed)
        log_fillings(client, run_id, result, seed)
        log_looks(client, run_id, result, seed)
    client.log_inputs(run_id, [_dataset(result)])
    facts = {
        "minutes": seed.timing["minutes"],
        "tokens_per_second": seed.timing["tokens_per_second"],
        "parameters": seed.run["parameters_count"],
        f"validation/{seed.run['score_name']}": seed.run["best_score"],
    }
    own = {
        tags.EVALUATION: result.digest,
        tags.PARENT: parent,
        "unrolled.variant": seed.variant,
        "unrolled.best_of_variant": str(best).lower(),
    }
    client.log_batch(
        run_id,
        metrics=_metrics(facts | seed.metrics, time.time()),
        params=_params(seed.run["parameters"] | {"seed": seed.seed}),
        tags=[RunTag(key, value) for key, value in (own | tags.lineage(result)).items()],
    )
    end = run.info.end_time or _milliseconds(start + 60 * seed.timing["minutes"])
    client.set_terminated(run_id, end_time=end)
    return run


def _log_variant(client: MlflowClient, run_id: str, result: ExperimentResult, variant: str) -> None:
    means = result.means(variant)
    columns = {"": "mean", "_low": "low", "_high": "high"}
    values = {f"{key}{end}": row[column] for key, row in means.iterrows() for end, column in columns.items()}
    parameters = result.facts["variants"].get(variant, {})
    role = str(means["role"].iloc[0])
    client.log_batch(
        run_id,
        metrics=_metrics(
            {key: value for key, value in values.items() if value == value}, result.time.timestamp()
        ),
        params=_params(parameters | {"seeds": int(means["seeds"].iloc[0])}),
        tags=[RunTag("unrolled.role", role)],
    )
    client.set_terminated(run_id, end_time=_milliseconds(result.time.timestamp()))


def _log_experiment(client: MlflowClient, run_id: str, result: ExperimentResult) -> None:
    variants = dict.fromkeys(result.summary["variant"])
    headlines = {
        f"{result.headline}/{name}": result.means(name)["mean"][result.headline] for name in variants
    }
    client.log_batch(
        run_id,
        metrics=_metrics(headlines, result.time.timestamp()),
        params=_params({name: result.facts[name] for name in ("task", "dataset", "corpus", "seeds")}),
    )
    client.log_inputs(run_id, [_dataset(result)])
    client.log_artifacts(run_id, str(result.folder), "results")
    log_curves(client, run_id, result)
    note = experiment_note(result)
    client.set_tag(run_id, tags.NOTE, note)
    client.set_experiment_tag(client.get_run(run_id).info.experiment_id, tags.NOTE, note)
    client.set_terminated(run_id, end_time=_milliseconds(result.time.timestamp()))


def _find(client: MlflowClient, experiment_id: str, wanted: Mapping[str, str]) -> Run | None:
    condition = " and ".join(f"tags.`{key}` = '{value}'" for key, value in wanted.items())
    return next(iter(client.search_runs([experiment_id], condition, max_results=1)), None)


def _points(seed: SeedResult, start: float) -> list[Point]:
    """The curves; the file has no times, so a run's minutes are spread over its steps."""
    seconds = 60 * seed.timing["minutes"] / max(seed.run["steps"], 1)
    return [Point(at.metric, at.step, at.value, start + seconds * at.step) for at in seed.curves()]


def _began(result: ExperimentResult, seed: SeedResult) -> float:
    """When a run started as far as the files know: its minutes before the evaluation."""
    return result.time.timestamp() - 60 * float(seed.timing["minutes"])


def _minutes(result: ExperimentResult, variant: str | None) -> float:
    if variant is None:
        return float(result.facts["minutes"]["train"] + result.facts["minutes"]["evaluate"])
    return sum(float(seed.timing["minutes"]) for seed in result.seeds if seed.variant == variant)


def _dataset(result: ExperimentResult) -> DatasetInput:
    facts = result.facts
    source = json.dumps(
        {"path": f"data/prepared/{result.profile}/{facts['dataset']}", "corpus": facts["corpus"]}
    )
    dataset = Dataset(facts["dataset"], facts["dataset_digest"][:12], "local", source)
    return DatasetInput(dataset, [InputTag("mlflow.data.context", "train, validation, test")])


def _metrics(values: Mapping[str, float], at: float) -> list[Metric]:
    return [Metric(key, float(value), _milliseconds(at), 0) for key, value in values.items()]


def _params(values: Mapping[str, Any]) -> list[Param]:
    """Nested parameters under dotted names, as `dvc exp run -S` takes them."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        inner = (
            {f"{key}.{name}": item for name, item in value.items()}
            if isinstance(value, dict)
            else {key: value}
        )
        flat |= inner
    return [Param(key, str(value)) for key, value in flat.items()]


def _milliseconds(seconds: float) -> int:
    return round(1000 * seconds)
