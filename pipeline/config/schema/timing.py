"""`timing`: how long training steps take, over lengths and batch sizes."""

from typing import Annotated

from pydantic import Field, PositiveInt, field_validator

from pipeline.config.schema.base import Block

Rising = Annotated[list[PositiveInt], Field(min_length=2)]


class Timing(Block):
    """Of networks that are made for it; see `pipeline/probes/timing.py`. `trainer` says on which device."""

    hidden: PositiveInt = 128
    """Numbers of a word vector and of a state."""
    vocabulary: Annotated[int, Field(ge=10)] = 1000
    """Words, on either side."""
    batches: Rising = [1, 4, 16, 64]
    lengths: Rising = [8, 16, 32, 64, 128]
    """Words of the source, and of the target."""
    repeats: Annotated[int, Field(ge=2)] = 7

    @field_validator("batches", "lengths")
    @classmethod
    def _rising(cls, values: list[int]) -> list[int]:
        if values != sorted(set(values)):
            raise ValueError(f"{values} needs rising numbers")
        return values
