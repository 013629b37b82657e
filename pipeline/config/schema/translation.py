"""Task `translation`: a sentence in, a sentence out."""

from typing import ClassVar, Literal

from pydantic import Field, PositiveInt, model_validator

from pipeline.config.schema.base import Block, LaterOptions, Positive
from pipeline.config.schema.experiment import Batches, Experiment, Training
from pipeline.config.schema.recurrent import LayersModel, Units


class FewPairs(Block):
    """A training that sees few of the pairs."""

    pairs: PositiveInt
    """The seed chooses them."""
    passes: PositiveInt = 1
    """Times that an epoch goes over them."""


class Parent(Block):
    """The dataset's parent language, learned before the target is (Zoph et al. 2016)."""

    epochs: PositiveInt
    """The first of the training's."""
    learning_rate: Positive


class TranslatorData(Batches, LaterOptions):
    later = ("few", "parent")
    few: FewPairs | None = None
    """Null: training reads all pairs."""
    parent: Parent | None = None
    """Null: the network starts with the target language."""


class TranslatorModel(LayersModel):
    cell: Literal["gru", "lstm"] = "lstm"
    embedding: PositiveInt = 256
    hidden: Units = 256
    bidirectional: bool = True
    """Of the encoder, with half of `hidden` per direction; the decoder has all."""
    reversed: bool = False
    """The encoder reads the source from its end."""
    attention: Literal["none", "bahdanau", "luong"] = "luong"
    """Whether the context is used nowhere, by the recurrence (Bahdanau) or by the readout (Luong)."""
    score: Literal["dot", "general", "concat"] = "general"
    """`concat` is the additive score of Bahdanau's paper."""
    query: Literal["hidden", "hidden_and_cell"] = "hidden"
    """What of the decoder's state asks: h, or an LSTM's [h; c]."""
    asks: Literal["before", "after"] = "after"
    """Luong's: with the state before the word (s_{j-1}) or after it (s_j). Bahdanau's has only the former."""
    normaliser: Literal["softmax", "sum"] = "softmax"
    """How scores become weights; `sum` is score / sum of scores, as the lecture notes write it."""
    input_feeding: bool = False
    context: Literal["levels", "top", "hidden", "mean"] = "levels"
    """What the decoder starts from: the encoder's final state level by level, its top level's for all, its h
    alone, or the mean of its outputs."""
    tied_embeddings: bool = False
    """One matrix for target embedding and output layer, and for the source where the vocabulary is joint."""

    @model_validator(mode="after")
    def _consistent(self) -> "TranslatorModel":
        if self.input_feeding and self.attention != "luong":
            raise ValueError("input_feeding goes with attention luong only")
        if self.query == "hidden_and_cell" and (self.cell != "lstm" or self.score == "dot"):
            raise ValueError("query hidden_and_cell goes with cell lstm and with score general or concat")
        if self.bidirectional and self.hidden != "auto" and self.hidden % 2:
            raise ValueError("hidden must be even for a bidirectional encoder")
        if self.reversed and self.bidirectional:
            raise ValueError(
                "reversed goes with bidirectional false only: both ways have no order to reverse"
            )
        return self


class TranslatorTraining(Training):
    teacher_forcing: float = Field(default=1.0, ge=0, le=1)
    """Share of decoder inputs that are the reference's word instead of the model's own."""
    teacher_forcing_schedule: Literal["constant", "linear", "exponential", "inverse_sigmoid"] = "constant"
    """Course of that share: as it stands from the first step on, or down to it from 1."""

    @model_validator(mode="after")
    def _consistent(self) -> "TranslatorTraining":
        if self.teacher_forcing_schedule == "exponential" and not self.teacher_forcing:
            raise ValueError(
                "teacher_forcing_schedule exponential never reaches teacher_forcing 0; write 0.01"
            )
        return self


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
    data: TranslatorData
    model: TranslatorModel
    training: TranslatorTraining
    decoding: Decoding = Decoding()
    baselines: list[Literal["copy_source", "word_table"]] = ["copy_source", "word_table"]

    @model_validator(mode="after")
    def _leaves_epochs(self) -> "Translation":
        parent, epochs = self.data.parent, self.training.epochs
        if parent and parent.epochs >= epochs:
            raise ValueError(
                f"data.parent.epochs: {parent.epochs} of training.epochs {epochs} leave none for the target "
                "language; lower the first or raise the second"
            )
        return self
