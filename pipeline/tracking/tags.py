"""Names and values of the tags that tie runs and model versions to files, and to one another."""

import getpass
import os

from pipeline.tracking.results import ExperimentResult

PARENT = "mlflow.parentRunId"
NOTE = "mlflow.note.content"
SIGNATURE = "unrolled.signature"
EVALUATION = "unrolled.evaluation"
JUDGEMENT = "unrolled.judgement"
LEVEL = "unrolled.level"
MODEL_VERSION = "unrolled.model_version"
BUNDLE = "unrolled.bundle_digest"
SCORE = "unrolled.validation_score"

LINEAGE = ("commit", "dirty", "dataset", "corpus", "dataset_digest", "parameters_digest", "code_digest")


def lineage(result: ExperimentResult) -> dict[str, str]:
    """What leads from a run or a model version back to commit, data, parameters and code."""
    own = {f"unrolled.{name}": str(result.facts[name]) for name in LINEAGE}
    own |= {"unrolled.profile": result.profile, "unrolled.experiment": result.name}
    return own | {"mlflow.source.git.commit": str(result.facts["commit"])}


def origin() -> dict[str, str]:
    """Who made a run, and with what; under `dvc exp run` also the name that DVC gave."""
    own = {"mlflow.source.name": "dvc repro", "mlflow.source.type": "LOCAL", "mlflow.user": _user()}
    name = os.environ.get("DVC_EXP_NAME")
    return own | ({"unrolled.dvc_experiment": name} if name else {})


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
