"""Kinds of datasets: one module each says how raw columns become token columns."""

from pipeline.config.schema import Dataset, LabelledText, TextPairs
from pipeline.data.kinds.base import Kind
from pipeline.data.kinds.labelled_text import LabelledTextKind
from pipeline.data.kinds.tagged_text import TaggedTextKind
from pipeline.data.kinds.text_pairs import TextPairsKind


def kind_of(dataset: Dataset) -> Kind:
    if isinstance(dataset, LabelledText):
        return LabelledTextKind(dataset)
    if isinstance(dataset, TextPairs):
        return TextPairsKind(dataset)
    return TaggedTextKind(dataset)
