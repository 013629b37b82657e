"""Task `algorithmic`: a sequence in, and where it is asked for, what was read long before out."""

from typing import ClassVar, Literal

from pydantic import PositiveInt

from pipeline.config.schema.experiment import Experiment, Optimisation
from pipeline.config.schema.recurrent import CausalModel, Units


class RecallerModel(CausalModel):
    embedding: PositiveInt = 16
    hidden: Units = 64


class Algorithmic(Experiment):
    dataset_kind: ClassVar[str] = "steps"
    task: Literal["algorithmic"]
    model: RecallerModel
    training: Optimisation
    baselines: list[Literal["chance"]] = ["chance"]
