"""What a run is, as plain values on disk."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.files import read_json, write_json


@dataclass(frozen=True)
class RunSpec:
    """One (variant, seed) of an experiment.

    `task_module`: what trains it. `parameters`: task, dataset, model, data, training, trainer: all that this
    run reads.
    `signature`: digest of parameters, data, code and seed; two experiments that share it train once.
    """

    signature: str
    profile: str
    experiment: str
    variant: str
    seed: int
    task_module: str
    parameters: dict[str, Any]
    dataset_folder: str
    dataset_digest: str
    code_digest: str

    @property
    def name(self) -> str:
        return f"{self.experiment}/{self.variant}/{self.seed}"

    @property
    def task(self) -> str:
        return str(self.parameters["task"])

    def write(self, path: Path) -> None:
        write_json(path, asdict(self))

    @classmethod
    def read(cls, path: Path) -> "RunSpec":
        return cls(**read_json(path))
