"""Task `forecasting`: the past of some channels in, their future out."""

from typing import ClassVar, Literal

from pydantic import PositiveInt, model_validator

from pipeline.config.schema.experiment import Experiment, Optimisation
from pipeline.config.schema.recurrent import RecurrentModel, Units


class ForecasterModel(RecurrentModel):
    hidden: Units = 64
    """Units per direction."""
    bidirectional: bool = False
    patch: PositiveInt = 1
    """Hours that one step of the recurrence reads."""
    apart: bool = False
    """One network reads each channel by itself, instead of all of them together."""
    normalise: Literal["none", "last", "window"] = "none"
    """What is taken off a window's channels and given back to their forecast: nothing, their last values, or
    their means, divided by their spreads."""


class Forecasting(Experiment):
    """`data.max_tokens` is the number of hours that are read, `data.batch_tokens` windows times hours."""

    dataset_kind: ClassVar[str] = "series"
    task: Literal["forecasting"]
    model: ForecasterModel
    training: Optimisation
    baselines: list[Literal["repeat_last", "seasonal", "ridge"]] = ["repeat_last", "seasonal", "ridge"]

    @model_validator(mode="after")
    def _consistent(self) -> "Forecasting":
        if self.data.keep != "last":
            raise ValueError("data.keep: a forecast reads the hours just before it; write last")
        if self.data.max_tokens % self.model.patch:
            raise ValueError(
                f"data.max_tokens {self.data.max_tokens}: needs a multiple of model.patch {self.model.patch}"
            )
        return self
