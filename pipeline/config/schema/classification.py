"""Task `classification`: a text in, a class out."""

from typing import ClassVar, Literal

from pydantic import PositiveInt, model_validator

from pipeline.config.schema.base import Block, Fraction, LaterOptions, Name, Positive
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


class FewLabels(Block):
    """A training that sees few of the labels."""

    labels: PositiveInt
    """Texts, equally many of each class; the seed chooses them."""
    passes: PositiveInt = 1
    """Times that an epoch goes over them."""


class Reading(Block):
    """Which word comes next, learned from running text before the classes are (Dai and Le 2015)."""

    split: Name
    """Of the dataset; its labels, if it has any, are not looked at."""
    epochs: PositiveInt
    """The first of the training's."""
    tokens: PositiveInt | None = None
    """How much of the split is read in an epoch; null: all."""
    batch_tokens: PositiveInt
    window: PositiveInt
    """Steps that a gradient goes back; the state goes on."""
    learning_rate: Positive


class ClassifierData(TextData, LaterOptions):
    later = ("few", "reading")
    few: FewLabels | None = None
    """Null: training reads all texts."""
    reading: Reading | None = None
    """Null: the network starts with the labels."""


class Classification(Experiment):
    dataset_kind: ClassVar[str] = "labelled_text"
    task: Literal["classification"]
    data: ClassifierData
    model: ClassifierModel
    training: Training
    baselines: list[Literal["majority", "nbsvm"]] = ["majority", "nbsvm"]

    @model_validator(mode="after")
    def _can_read(self) -> "Classification":
        reading, model = self.data.reading, self.model
        if self.data.few is not None and model.reader != "recurrent":
            raise ValueError(f"data.few: reader {model.reader} learns from all labels only; take recurrent")
        if reading is None:
            return self
        if reading.epochs >= self.training.epochs:
            raise ValueError(
                f"data.reading.epochs: {reading.epochs} of training.epochs {self.training.epochs} "
                "leave none for the labels; lower the first or raise the second"
            )
        forwards = model.reader == "recurrent" and not (model.bidirectional or model.reversed)
        if not forwards or model.inputs != "embedding":
            raise ValueError(
                "data.reading: the next word is told from those before it; it needs model.reader recurrent, "
                "inputs embedding, bidirectional and reversed false"
            )
        return self
