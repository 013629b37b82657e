"""Task `transcription`: speech in, its words out."""

from typing import ClassVar, Literal

from pydantic import Field, PositiveInt, model_validator

from pipeline.config.schema.base import Block
from pipeline.config.schema.experiment import Experiment, Training
from pipeline.config.schema.recurrent import LayersModel, Units


class TranscriberModel(LayersModel):
    cell: Literal["gru", "lstm"] = "lstm"
    embedding: PositiveInt = 64
    hidden: Units = 128
    bidirectional: bool = True
    """Of the encoder, with half of `hidden` per direction; the decoder has all."""
    attention: Literal["none", "bahdanau", "luong"] = "luong"
    """Over the encoder's steps: used nowhere, by the recurrence or by the readout."""
    score: Literal["dot", "general", "concat"] = "general"
    input_feeding: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> "TranscriberModel":
        if self.input_feeding and self.attention != "luong":
            raise ValueError("input_feeding goes with attention luong only")
        if self.bidirectional and self.hidden != "auto" and self.hidden % 2:
            raise ValueError("hidden must be even for a bidirectional encoder")
        return self


class TranscriptDecoding(Block):
    """Read by evaluate alone: another beam width retrains nothing."""

    beam: PositiveInt = 5
    length_normalisation: float = Field(default=1.0, ge=0)
    """Exponent a of score / length^a."""
    longest: PositiveInt = 12
    """Most words of a transcript, its end counted."""
    n_best: PositiveInt = 1
    batch_sounds: PositiveInt = 64

    @model_validator(mode="after")
    def _consistent(self) -> "TranscriptDecoding":
        if self.n_best > self.beam:
            raise ValueError(f"n_best {self.n_best} is more than beam {self.beam}")
        return self


class Transcription(Experiment):
    """`data.batch_tokens` counts rows times the longest one's steps; rows of more than `data.max_tokens`
    steps aren't trained on."""

    dataset_kind: ClassVar[str] = "spoken_digits"
    task: Literal["transcription"]
    model: TranscriberModel
    training: Training
    decoding: TranscriptDecoding = TranscriptDecoding()
    baselines: list[Literal["chance", "most_frequent", "templates"]] = [
        "chance",
        "most_frequent",
        "templates",
    ]
