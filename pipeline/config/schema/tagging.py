"""Task `tagging`: a sentence in, a tag for each word out."""

from typing import ClassVar, Literal

from pydantic import Field, PositiveInt, model_validator

from pipeline.config.schema.base import Fraction
from pipeline.config.schema.experiment import Experiment, Training
from pipeline.config.schema.recurrent import RecurrentModel


class TaggerModel(RecurrentModel):
    embedding: PositiveInt = 100
    characters: int = Field(default=50, ge=0)
    """Units of the bidirectional LSTM that spells each word out, both directions together; 0 is none."""
    bidirectional: bool = True
    """With `hidden` units per direction."""
    crf: bool = False
    """Tags chosen together by a conditional random field instead of each for itself."""
    word_dropout: Fraction = 0.0
    """Share of the words replaced by the unknown word in training; their characters stay."""

    @model_validator(mode="after")
    def _consistent(self) -> "TaggerModel":
        if self.characters % 2:
            raise ValueError("characters must be even: half of the units read each way")
        return self


class Tagging(Experiment):
    dataset_kind: ClassVar[str] = "tagged_text"
    task: Literal["tagging"]
    model: TaggerModel
    training: Training
    baselines: list[Literal["most_frequent_tag", "window_mlp"]] = ["most_frequent_tag", "window_mlp"]
