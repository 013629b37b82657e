"""Kinds of datasets: one module each says how raw columns become token columns."""

from typing import Any

from pipeline.config.schema.datasets import Dataset
from pipeline.data.kinds.base import Kind
from pipeline.data.kinds.labelled_text import LabelledTextKind
from pipeline.data.kinds.tagged_text import TaggedTextKind
from pipeline.data.kinds.text_pairs import TextPairsKind

KINDS: dict[str, Any] = {
    "labelled_text": LabelledTextKind,
    "text_pairs": TextPairsKind,
    "tagged_text": TaggedTextKind,
}
"""By the dataset's `kind`: a class that takes the dataset's block."""


def kind_of(dataset: Dataset) -> Kind:
    kind: Kind = KINDS[dataset.kind](dataset)
    return kind
