"""From an experiment to the specifications of its runs."""

from pathlib import Path

from pipeline.code import code_digest
from pipeline.config import variants
from pipeline.config.schema.params import Params
from pipeline.files import sha256_of_json
from pipeline.training.kernels import brings_kernels
from pipeline.training.spec import RunSpec
from pipeline.training.tasks import module_of


def code_of(task_module: str, accelerator: str) -> str:
    """Digest of the code that a run of this module executes."""
    kernels = ["pipeline.nn.cudnn"] if brings_kernels(accelerator) else []
    return code_digest("pipeline.training.fit", task_module, *kernels)


def specifications(
    params: Params, experiment: str, dataset_folder: Path, dataset_digest: str
) -> list[RunSpec]:
    """One specification per variant and seed, variants in the grid's order within each seed.

    Seeds come first, so that an interrupted experiment has all variants at few seeds.
    """
    resolved = variants(params, experiment)
    specs = []
    for seed in range(params.experiments[experiment].seeds):
        for variant, chosen in resolved.items():
            values = chosen.model_dump()
            parameters = {key: values[key] for key in ("task", "dataset", "model", "data", "training")}
            parameters["trainer"] = params.trainer.model_dump()
            module = module_of(chosen)
            code = code_of(module, params.trainer.accelerator)
            read = {"parameters": parameters, "data": dataset_digest, "code": code, "seed": seed}
            signature = sha256_of_json(read)[:32]
            specs.append(
                RunSpec(
                    signature=signature,
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
            )
    return specs
