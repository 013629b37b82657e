"""Task `imputation`: a window with hidden hours in, their values out."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, PositiveInt, model_validator

from pipeline.config.schema.experiment import Batches, Experiment, Optimisation
from pipeline.config.schema.recurrent import RecurrentModel, Units

WAYS = ("repeat_last", "seasonal", "interpolation")
"""To fill a gap without a network."""


def _with_hours(name: str) -> str:
    way, _, hours = name.rpartition("_")
    if way not in WAYS or not hours.isdigit() or hours.startswith("0"):
        known = ", ".join(f"{way}_N" for way in WAYS)
        raise ValueError(f"no baseline; allowed: {known}, of a gap of N hours")
    return name


class ImputerModel(RecurrentModel):
    hidden: Units = 64
    """Units per direction."""
    bidirectional: bool = False
    normalise: Literal["none", "window"] = "none"
    """What is taken off a window's channels and given back to the answers: nothing, or the means of what can
    be seen, divided by their spreads."""


class GapWindows(Batches):
    """`max_tokens`: hours of a window."""

    gap: PositiveInt = 24
    """Consecutive hours that are hidden in a window; one at least is left on either side."""
    asked: Literal["gap", "next"] = "gap"
    """What is to be answered: the hidden hours; or nothing is hidden and after every hour the next one is
    asked, which a backward direction has read."""
    stride: PositiveInt = 1
    """Hours from one window of an epoch to the next; where the first begins is drawn."""


class Imputation(Experiment):
    """`data.batch_tokens` is the number of windows times hours."""

    dataset_kind: ClassVar[str] = "series"
    task: Literal["imputation"]
    data: GapWindows
    model: ImputerModel
    training: Optimisation
    baselines: list[Annotated[str, AfterValidator(_with_hours)]] = []

    @model_validator(mode="after")
    def _consistent(self) -> "Imputation":
        if self.data.keep != "first":
            raise ValueError("data.keep: a window is read whole; write first")
        if self.data.gap + 2 > self.data.max_tokens:
            raise ValueError(
                f"data.gap {self.data.gap}: leaves no hour on one side of it in data.max_tokens "
                f"{self.data.max_tokens}; at most {self.data.max_tokens - 2}"
            )
        return self
