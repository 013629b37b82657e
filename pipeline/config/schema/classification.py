"""Task `classification`: a text in, a class out."""

from typing import ClassVar, Literal

from pydantic import PositiveInt, model_validator

from pipeline.config.schema.base import Fraction
from pipeline.config.schema.experiment import Batches, Experiment, Training
from pipeline.config.schema.recurrent import RecurrentModel


class TextModel(RecurrentModel):
    """Of recurrent networks that give a text one answer."""

    inputs: Literal["embedding", "one_hot"] = "embedding"
    embedding: PositiveInt = 128
    """Size of the word vectors; one-hot inputs have none."""
    bidirectional: bool = False
    reversed: bool = False
    """Texts are read from their end."""
    pooling: Literal["last", "mean", "max", "attention"] = "last"
    word_dropout: Fraction = 0.0
    """Share of a text's word types that are replaced by the unknown word in training."""

    @model_validator(mode="after")
    def _consistent(self) -> "TextModel":
        if self.reversed and self.bidirectional:
            raise ValueError(
                "reversed goes with bidirectional false only: both ways have no order to reverse"
            )
        return self


class ClassifierModel(TextModel):
    reader: Literal["recurrent", "average", "average_mlp", "flat"] = "recurrent"
    """What reads the text: recurrent layers; or, to compare with, the mean of its word vectors, that through
    `hidden` units, or `positions` word vectors side by side."""
    positions: PositiveInt | None = None
    """Words that a flat reader has weights for."""

    @model_validator(mode="after")
    def _positioned(self) -> "ClassifierModel":
        if (self.reader == "flat") != (self.positions is not None):
            raise ValueError(f"reader {self.reader}: positions goes with reader flat, and flat needs it")
        return self


class TextData(Batches):
    padding: Literal["masked", "after", "before"] = "masked"
    """Whether padding is left out, or read as words behind or in front of the text, up to `max_tokens`."""


class Classification(Experiment):
    dataset_kind: ClassVar[str] = "labelled_text"
    task: Literal["classification"]
    data: TextData
    model: ClassifierModel
    training: Training
    baselines: list[Literal["majority", "nbsvm"]] = ["majority", "nbsvm"]
