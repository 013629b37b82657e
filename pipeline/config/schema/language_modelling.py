"""Task `language_modelling`: a running text in, the probability of each next word out."""

from typing import ClassVar, Literal

from pydantic import PositiveInt, model_validator

from pipeline.config.schema.base import Fraction
from pipeline.config.schema.experiment import Experiment, Optimisation
from pipeline.config.schema.recurrent import CausalModel


class LanguageModel(CausalModel):
    embedding: PositiveInt = 200
    tied_embeddings: bool = False
    """One matrix for embedding and output layer; they must be of one size."""
    word_dropout: Fraction = 0.0
    """Share of the word types that a stream's window reads as nothing in training."""

    @model_validator(mode="after")
    def _consistent(self) -> "LanguageModel":
        if self.tied_embeddings and self.hidden != self.embedding:
            raise ValueError(
                f"tied_embeddings needs embedding {self.embedding} and hidden {self.hidden} to be equal"
            )
        return self


class LanguageModelling(Experiment):
    """`data.max_tokens` is the length of the windows through which errors are passed back, and
    `data.batch_tokens` that times the streams read side by side. The state goes on from window to window."""

    dataset_kind: ClassVar[str] = "running_text"
    task: Literal["language_modelling"]
    model: LanguageModel
    training: Optimisation
    baselines: list[Literal["unigram", "kneser_ney"]] = ["unigram", "kneser_ney"]

    @model_validator(mode="after")
    def _consistent(self) -> "LanguageModelling":
        window, tokens = self.data.max_tokens, self.data.batch_tokens
        if tokens % window:
            raise ValueError(
                f"data.batch_tokens {tokens}: needs a multiple of data.max_tokens {window}, "
                "streams times the length of a window"
            )
        if self.data.keep != "first":
            raise ValueError("data.keep: a running text is read whole; write first")
        return self
