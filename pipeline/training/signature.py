"""From an experiment to the specifications of its runs."""

from collections.abc import Mapping
from pathlib import Path

from pipeline.code import code_digest
from pipeline.config import variants
from pipeline.config.schema.params import AnyExperiment, Params
from pipeline.files import sha256_of_json
from pipeline.training.kernels import brings_kernels
from pipeline.training.spec import RunSpec
from pipeline.training.tasks import module_of

TRIAL_SEEDS = 3
"""Of a variant that are trained at every rate of several; one seed's score says more of the seed."""


def code_of(task_module: str, accelerator: str) -> str:
    """Digest of the code that a run of this module executes."""
    kernels = ["pipeline.nn.cudnn"] if brings_kernels(accelerator) else []
    return code_digest("pipeline.training.fit", task_module, *kernels)


def specifications(
    params: Params,
    experiment: str,
    dataset_folder: Path,
    dataset_digest: str,
    rates: Mapping[str, float] | None = None,
) -> list[RunSpec]:
    """One specification per variant and seed, variants in the grid's order within each seed.

    Seeds come first, so that an interrupted experiment has all variants at few seeds.

    Args:
        rates: learning rates by variant, of those whose parameters list several.
    """
    chosen, read, rates = variants(params, experiment), (dataset_folder, dataset_digest), rates or {}
    return [
        _specification(params, experiment, variant, seed, chosen[variant], rates.get(variant), *read)
        for seed in range(params.experiments[experiment].seeds)
        for variant in chosen
    ]


def trial_specifications(
    params: Params, experiment: str, dataset_folder: Path, dataset_digest: str
) -> list[RunSpec]:
    """The first seeds of each variant whose parameters list learning rates, with each of them."""
    return [
        _specification(params, experiment, variant, seed, chosen, rate, dataset_folder, dataset_digest)
        for variant, chosen in variants(params, experiment).items()
        for rate in _listed(chosen)
        for seed in range(min(TRIAL_SEEDS, chosen.seeds))
    ]


def _listed(chosen: AnyExperiment) -> list[float]:
    """Learning rates to choose from; none where the parameters name one."""
    rates = chosen.training.learning_rate
    return rates if isinstance(rates, list) else []


def _specification(
    params: Params,
    experiment: str,
    variant: str,
    seed: int,
    chosen: AnyExperiment,
    rate: float | None,
    dataset_folder: Path,
    dataset_digest: str,
) -> RunSpec:
    values = chosen.model_dump()
    parameters = {key: values[key] for key in ("task", "dataset", "model", "data", "training")}
    if rate is not None:
        parameters["training"] = parameters["training"] | {"learning_rate": rate}
    parameters["trainer"] = params.trainer.model_dump()
    module = module_of(chosen)
    code = code_of(module, params.trainer.accelerator)
    read = {"parameters": parameters, "data": dataset_digest, "code": code, "seed": seed}
    return RunSpec(
        signature=sha256_of_json(read)[:32],
        profile=params.profile,
        experiment=experiment,
        variant=variant,
        seed=seed,
        task_module=module,
        parameters=parameters,
        dataset_folder=str(dataset_folder),
        dataset_digest=dataset_digest,
        code_digest=code,
    )
