"""Task `algorithmic`: a sequence in, and where it is asked for, what was read long before out."""

from typing import ClassVar, Literal

from pydantic import PositiveInt, model_validator

from pipeline.config.schema.experiment import Experiment, Optimisation
from pipeline.config.schema.recurrent import RecurrentModel, Units


class RecallerModel(RecurrentModel):
    embedding: PositiveInt = 16
    hidden: Units = 64
    bidirectional: bool = False
    """Stays false: who reads from the end knows at once what is asked for."""

    @model_validator(mode="after")
    def _causal(self) -> "RecallerModel":
        if self.bidirectional:
            raise ValueError(
                "bidirectional true reads the answer's distance away; an answer may depend on what came "
                "before it only; write false"
            )
        return self


class Algorithmic(Experiment):
    dataset_kind: ClassVar[str] = "steps"
    task: Literal["algorithmic"]
    model: RecallerModel
    training: Optimisation
    baselines: list[Literal["chance"]] = ["chance"]
