"""What the experiments of all tasks share."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, PositiveInt, Tag

from pipeline.config.schema.base import Block, Fraction, Name, Positive

Rates = Annotated[
    Annotated[Positive, Tag("one")] | Annotated[list[Positive], Field(min_length=2), Tag("several")],
    Discriminator(lambda value: "several" if isinstance(value, list) else "one"),
]


class Batches(Block):
    """How rows become batches."""

    batch_tokens: PositiveInt
    """Budget of a batch: rows x longest row (target side for pairs), padding included."""
    max_tokens: PositiveInt
    """Longer rows are cut (classification) or left out of training (translation)."""
    keep: Literal["first", "last"] = "first"
    """Which end of a longer text is kept."""


class Optimisation(Block):
    epochs: PositiveInt
    learning_rate: Rates
    """Several: each variant trains with the one whose first seeds score best on validation."""
    weight_decay: float = Field(default=0.0, ge=0)
    clip_norm: Positive | None = 1.0
    """Largest norm of the whole gradient; null clips nothing."""
    schedule: Literal["constant", "linear", "cosine"] = "linear"
    """Course of the learning rate after the warm-up, to zero at the last step."""
    warmup: Fraction = 0.05
    """Share of all steps over which the learning rate rises from zero."""
    patience: PositiveInt | None = None
    """Epochs without a better validation score before stopping; null trains to the end."""
    precision: Literal["32-true", "bf16-mixed", "64-true"] = "32-true"


class Training(Optimisation):
    """Of networks that choose among classes, tags or words."""

    label_smoothing: Fraction = 0.0


class Experiment(Block):
    """One question: a base model, a grid of variants, a number of seeds."""

    question: str
    dataset: Name
    seeds: PositiveInt
    data: Batches
    grid: dict[Name, dict[str, Any]] = Field(min_length=1)
    """Variant -> what it changes in model, training or data."""
