"""Task `rating`: a text in, one of several ordered levels out."""

from typing import ClassVar, Literal

from pipeline.config.schema.classification import TextData, TextModel
from pipeline.config.schema.experiment import Experiment, Optimisation


class RaterModel(TextModel):
    head: Literal["regression", "ordinal", "classes"] = "regression"
    """A number; classes divided by ordered thresholds; classes without an order."""


class Rating(Experiment):
    dataset_kind: ClassVar[str] = "rated_text"
    task: Literal["rating"]
    data: TextData
    model: RaterModel
    training: Optimisation
    baselines: list[Literal["mean", "ridge", "logistic"]] = ["mean", "ridge", "logistic"]
