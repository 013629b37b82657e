"""Task `translation`: a sentence in, a sentence out."""

from typing import ClassVar, Literal

from pydantic import Field, PositiveInt, model_validator

from pipeline.config.schema.base import Block, Fraction, Positive
from pipeline.config.schema.experiment import Experiment, Training


class TranslatorModel(Block):
    cell: Literal["gru", "lstm"] = "lstm"
    embedding: PositiveInt = 256
    hidden: PositiveInt = 256
    """Units of the decoder; a bidirectional encoder has half of them per direction."""
    layers: PositiveInt = 1
    bidirectional: bool = True
    attention: Literal["none", "bahdanau", "luong"] = "luong"
    score: Literal["dot", "general", "concat"] = "general"
    """Luong's score; Bahdanau's is additive."""
    input_feeding: bool = False
    tied_embeddings: bool = False
    """One matrix for target embedding and output layer, and for the source where the vocabulary is joint."""
    dropout: Fraction = 0.0
    forget_bias: float = 1.0
    recurrent_init: Literal["default", "orthogonal"] = "orthogonal"

    @model_validator(mode="after")
    def _consistent(self) -> "TranslatorModel":
        if self.input_feeding and self.attention != "luong":
            raise ValueError("input_feeding goes with attention luong only")
        if self.bidirectional and self.hidden % 2:
            raise ValueError("hidden must be even for a bidirectional encoder")
        return self


class TranslatorTraining(Training):
    teacher_forcing: float = Field(default=1.0, ge=0, le=1)
    """Share of decoder inputs that are the reference's word instead of the model's own."""


class Decoding(Block):
    """Read by evaluate alone: another beam width retrains nothing."""

    beam: PositiveInt = 5
    length_normalisation: float = Field(default=1.0, ge=0)
    """Exponent a of score / length^a (Wu et al. 2016 without the constant); 0 is off."""
    max_ratio: Positive = 2.0
    """Longest output, as a multiple of the source's tokens, plus ten."""
    n_best: PositiveInt = 1
    batch_sentences: PositiveInt = 64
    show: list[str] | None = None
    """Source sentences that are translated besides the splits, for the report."""

    @model_validator(mode="after")
    def _consistent(self) -> "Decoding":
        if self.n_best > self.beam:
            raise ValueError(f"n_best {self.n_best} is more than beam {self.beam}")
        return self


class Translation(Experiment):
    dataset_kind: ClassVar[str] = "text_pairs"
    task: Literal["translation"]
    model: TranslatorModel
    training: TranslatorTraining
    decoding: Decoding = Decoding()
    baselines: list[Literal["copy_source", "word_table"]] = ["copy_source", "word_table"]
