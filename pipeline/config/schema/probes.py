"""`probes`: looks into trained networks where their scores are not enough; by kind, then by experiment."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt, field_validator

from pipeline.config.schema.base import Block, Name


def _with_words(sentence: str) -> str:
    if not sentence.strip():
        raise ValueError("holds no word; write a sentence")
    return sentence


Sentence = Annotated[str, AfterValidator(_with_words)]


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


class States(Probe):
    """What h and c of an LSTM hold, and what is lost with each; see the probe's module."""

    tasks = ("language_modelling",)
    back: Annotated[list[NonNegativeInt], Field(min_length=3)] = [0, 1, 2, 5, 10, 20]
    """Steps back; the claim is decided by the first and by the last two."""
    tokens: PositiveInt = 70_000
    """Of the first test split, from its start; all where it has fewer."""
    words: Annotated[int, Field(ge=2)] = 50
    """The commonest of the training split, which are told apart."""

    @field_validator("back")
    @classmethod
    def _rising(cls, back: list[int]) -> list[int]:
        if back != sorted(set(back)):
            raise ValueError(f"{back} needs rising numbers")
        return back


class Layers(Probe):
    """What the layers of a stack hold; see the probe's module."""

    tasks = ("classification",)
    deep: ClassVar[int] = 3
    """Layers that a variant needs to be looked into."""
    parts_of_speech: Name
    """Dataset of words and their parts of speech."""
    entities: Name
    """Dataset of words and the entities that they are in."""
    texts: PositiveInt = 5000
    """Of the training split, and of the first test split; all where it has fewer."""
    words: PositiveInt = 50_000
    """About so many of each tagged dataset's same two splits, in whole sentences."""


class Bag(Probe):
    """What every network gains over a bag of words on the tokens that it reads; see the probe's module."""

    tasks = ("classification",)


class Gates(Probe):
    """What gates and states do while a classifier reads a sentence; see the probe's module."""

    tasks = ("classification",)
    sentence: Sentence


class Beam(Probe):
    """What a beam search tries while it translates a sentence; see the probe's module."""

    tasks = ("translation",)
    sentence: Sentence
    beam: PositiveInt = 5
    length_normalisation: Annotated[float, Field(ge=0)] = 1.0
    """Both as the experiment's `decoding` has them, so that the tree is of the translation that it scores."""


class Probes(Block):
    """By kind, the name of its module in pipeline/probes and of its stage, and by experiment."""

    gradient_flow: dict[Name, GradientFlow] = {}
    states: dict[Name, States] = {}
    layers: dict[Name, Layers] = {}
    bag: dict[Name, Bag] = {}
    gates: dict[Name, Gates] = {}
    beam: dict[Name, Beam] = {}

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
