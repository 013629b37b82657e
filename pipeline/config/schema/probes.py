"""`probes`: looks into trained networks where their scores are not enough; by kind, then by experiment."""

from typing import ClassVar

from pydantic import PositiveInt

from pipeline.config.schema.base import Block, Name


class Probe(Block):
    """What all kinds share; every variant and seed of the experiment is looked into."""

    tasks: ClassVar[tuple[str, ...]]
    """Of experiments that the kind can look into."""
    dataset: Name
    """The experiment's; written out because the probe's stage reads it."""


class GradientFlow(Probe):
    """How much of the gradient each step has, before and after training; see the probe's module."""

    tasks = ("classification", "algorithmic")
    reviews: PositiveInt = 64
    """Texts of the first test split, spread evenly over those that are as long as a variant's cut."""
    steps: PositiveInt | None = None
    """Of problem recall: rows that have so many are taken, and cut to them. Texts have `data.max_tokens`."""

    def check_steps(self, where: str, task: str) -> None:
        """
        Raises:
            ValueError: `steps` is missing, or given for texts.
        """
        if task == "algorithmic" and self.steps is None:
            raise ValueError(f"{where}.steps: missing; task {task} needs a number of steps")
        if task != "algorithmic" and self.steps is not None:
            raise ValueError(f"{where}.steps: {self.steps}; task {task} has data.max_tokens; leave it empty")


class Probes(Block):
    """By kind, the name of its module in pipeline/probes and of its stage, and by experiment."""

    gradient_flow: dict[Name, GradientFlow] = {}

    @property
    def names(self) -> list[str]:
        """KIND@EXPERIMENT of each, as its stage is called."""
        return [f"{kind}@{experiment}" for kind, experiment, _ in self.each()]

    def each(self) -> list[tuple[str, str, Probe]]:
        """Kind, experiment, settings."""
        return [(kind, experiment, probe) for kind, own in self for experiment, probe in own.items()]

    def of(self, kind: str, experiment: str) -> Probe:
        """Settings of one probe."""
        probe: Probe = getattr(self, kind)[experiment]
        return probe
