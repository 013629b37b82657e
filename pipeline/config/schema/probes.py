"""`probes`: looks into trained networks where their scores are not enough."""

from typing import ClassVar, Literal

from pydantic import PositiveInt

from pipeline.config.schema.base import Block, Name


class GradientFlow(Block):
    """How much of the gradient each step has, before and after training; see the probe's module."""

    task: ClassVar[str] = "classification"
    probe: Literal["gradient_flow"]
    experiment: Name
    """Whose every variant and seed is looked into."""
    dataset: Name
    """The experiment's; written out because the probe's stage reads it."""
    reviews: PositiveInt = 64
    """Texts of the first test split, spread evenly over those that are as long as a variant's cut."""


Probe = GradientFlow
"""The kinds of probes, by `probe`."""
