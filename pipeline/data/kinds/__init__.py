"""Kinds of datasets: one module each says what becomes of raw columns."""

from pathlib import Path
from typing import Any, Protocol

from pipeline.config.schema.datasets import Dataset
from pipeline.data.kinds.answered_text import AnsweredTextKind
from pipeline.data.kinds.captioned_images import CaptionedImagesKind
from pipeline.data.kinds.labelled_text import LabelledTextKind
from pipeline.data.kinds.rated_text import RatedTextKind
from pipeline.data.kinds.running_text import RunningTextKind
from pipeline.data.kinds.series import SeriesKind
from pipeline.data.kinds.spoken_digits import SpokenDigitsKind
from pipeline.data.kinds.steps import StepsKind
from pipeline.data.kinds.tagged_text import TaggedTextKind
from pipeline.data.kinds.text_pairs import TextPairsKind


class Writes(Protocol):
    """What `prepare` asks of a kind of dataset."""

    def write(self, raw: Path, folder: Path) -> dict[str, Any]:
        """Writes a prepared dataset into an empty folder, `dataset.json` among it; returns its statistics."""


KINDS: dict[str, Any] = {
    "labelled_text": LabelledTextKind,
    "text_pairs": TextPairsKind,
    "tagged_text": TaggedTextKind,
    "series": SeriesKind,
    "steps": StepsKind,
    "answered_text": AnsweredTextKind,
    "rated_text": RatedTextKind,
    "running_text": RunningTextKind,
    "captioned_images": CaptionedImagesKind,
    "spoken_digits": SpokenDigitsKind,
}
"""By the dataset's `kind`: a class that takes the dataset's block."""


def kind_of(dataset: Dataset) -> Writes:
    kind: Writes = KINDS[dataset.kind](dataset)
    return kind
