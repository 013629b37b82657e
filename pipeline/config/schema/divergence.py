"""`divergence`: which trainings of a plain RNN diverge, with and without clipping."""

from typing import Annotated

from pydantic import Field, PositiveInt, field_validator

from pipeline.config.schema.base import Block, Positive


class Divergence(Block):
    """Of networks that are made for it; see `pipeline/probes/divergence.py`."""

    radii: list[Positive] = [0.5, 0.75, 1.0, 1.25, 1.5, 2.0]
    """Spectral radius of the recurrent weights at the start."""
    distance: Annotated[int, Field(ge=2)] = 30
    """Steps from the first of two numbers to where their sum is wanted."""
    hidden: PositiveInt = 32
    batch_rows: PositiveInt = 32
    updates: PositiveInt = 100
    """Of plain SGD."""
    learning_rate: Positive = 0.03
    clip_norm: Positive = 1.0
    """Largest norm of the whole gradient, where it is clipped."""
    seeds: Annotated[int, Field(ge=2)] = 20

    @field_validator("radii")
    @classmethod
    def _on_both_sides(cls, radii: list[float]) -> list[float]:
        if radii != sorted(set(radii)) or not radii or not radii[0] < 1 < radii[-1]:
            raise ValueError(f"{radii} needs rising numbers, some below 1 and some above")
        return radii
