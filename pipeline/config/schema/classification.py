"""Task `classification`: a text in, a class out."""

from typing import ClassVar, Literal

from pydantic import PositiveInt

from pipeline.config.schema.base import Block, Fraction
from pipeline.config.schema.experiment import Experiment, Training


class ClassifierModel(Block):
    cell: Literal["rnn", "gru", "lstm"] = "lstm"
    embedding: PositiveInt = 128
    hidden: PositiveInt = 128
    layers: PositiveInt = 1
    bidirectional: bool = False
    pooling: Literal["last", "mean", "max", "attention"] = "last"
    dropout: Fraction = 0.0
    """On embeddings, between layers and before the output layer."""
    word_dropout: Fraction = 0.0
    """Share of a text's word types that are replaced by the unknown word in training."""
    forget_bias: float = 1.0
    recurrent_init: Literal["default", "orthogonal"] = "orthogonal"


class Classification(Experiment):
    dataset_kind: ClassVar[str] = "labelled_text"
    task: Literal["classification"]
    model: ClassifierModel
    training: Training
    baselines: list[Literal["majority", "nbsvm"]] = ["majority", "nbsvm"]
