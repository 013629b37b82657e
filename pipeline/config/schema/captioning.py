"""Task `captioning`: a picture in, a sentence out."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, PositiveInt, model_validator

from pipeline.config.schema.base import Block, Fraction
from pipeline.config.schema.experiment import Experiment, Training
from pipeline.config.schema.recurrent import LayersModel, Units


class CaptionerModel(LayersModel):
    cell: Literal["gru", "lstm"] = "lstm"
    channels: list[Annotated[int, Field(ge=8, multiple_of=8)]] = Field(
        default=[32, 64, 128, 256], min_length=1
    )
    """Of the convolutional stages, each of which halves the picture's sides."""
    embedding: PositiveInt = 256
    hidden: Units = 256
    """Units of the decoder."""
    picture: Literal["state", "first", "every"] = "state"
    """How the decoder gets the whole picture: as its initial state, as a first input before the words, or
    with every word."""
    attention: Literal["none", "bahdanau", "luong"] = "none"
    """Over the places of the last stage: used nowhere, by the recurrence or by the readout."""
    score: Literal["dot", "general", "concat"] = "general"
    query: Literal["hidden", "hidden_and_cell"] = "hidden"
    asks: Literal["before", "after"] = "after"
    normaliser: Literal["softmax", "sum"] = "softmax"
    input_feeding: bool = False
    tied_embeddings: bool = False
    """One matrix for words in and words out."""

    @model_validator(mode="after")
    def _consistent(self) -> "CaptionerModel":
        if self.input_feeding and self.attention != "luong":
            raise ValueError("input_feeding goes with attention luong only")
        if self.query == "hidden_and_cell" and (self.cell != "lstm" or self.score == "dot"):
            raise ValueError("query hidden_and_cell goes with cell lstm and with score general or concat")
        return self


class CaptionerTraining(Training):
    flips: bool = False
    """Half of the training pictures are shown mirrored; wrong where captions tell left from right."""
    crops: Fraction = 0.0
    """Most of a training picture's sides that is cut away, anywhere; the rest is stretched again."""


class CaptionDecoding(Block):
    """Read by evaluate alone: another beam width retrains nothing."""

    beam: PositiveInt = 5
    length_normalisation: float = Field(default=1.0, ge=0)
    """Exponent a of score / length^a."""
    longest: PositiveInt = 30
    """Most tokens of a caption."""
    n_best: PositiveInt = 1
    batch_pictures: PositiveInt = 64

    @model_validator(mode="after")
    def _consistent(self) -> "CaptionDecoding":
        if self.n_best > self.beam:
            raise ValueError(f"n_best {self.n_best} is more than beam {self.beam}")
        return self


class Captioning(Experiment):
    """`data.batch_tokens` counts captions times the longest; longer ones than `data.max_tokens` aren't
    trained on."""

    dataset_kind: ClassVar[str] = "captioned_images"
    task: Literal["captioning"]
    model: CaptionerModel
    training: CaptionerTraining
    decoding: CaptionDecoding = CaptionDecoding()
    baselines: list[Literal["common_caption", "nearest_picture"]] = ["common_caption", "nearest_picture"]
