"""From an experiment to the specifications of its runs."""

from pathlib import Path

from pipeline.code import code_digest
from pipeline.config import variants
from pipeline.config.schema.params import Params
from pipeline.files import sha256_of_json
from pipeline.training.spec import RunSpec
from pipeline.training.tasks import TASK_MODULES


def code_of(task: str, accelerator: str) -> str:
    """Digest of the code that a run of this task executes."""
    kernels = () if accelerator == "cpu" else ("pipeline.nn.cudnn",)
    return code_digest("pipeline.training.fit", TASK_MODULES[task], *kernels)


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
            code = code_of(chosen.task, params.trainer.accelerator)
            read = {"parameters": parameters, "data": dataset_digest, "code": code, "seed": seed}
            signature = sha256_of_json(read)[:32]
            specs.append(
                RunSpec(
                    signature=signature,
                    profile=params.profile,
                    experiment=experiment,
                    variant=variant,
                    seed=seed,
                    task_module=TASK_MODULES[chosen.task],
                    parameters=parameters,
                    dataset_folder=str(dataset_folder),
                    dataset_digest=dataset_digest,
                    code_digest=code,
                )
            )
    return specs
