"""Task `transduction`: a text in, the text that answers it out."""

from typing import ClassVar, Literal

from pipeline.config.schema.experiment import Experiment
from pipeline.config.schema.translation import Decoding, TranslatorModel, TranslatorTraining

Baseline = Literal[
    "most_frequent", "most_frequent_by_group", "chance", "nearest", "first_sentence", "first_words"
]


class Transduction(Experiment):
    """Networks and search are translation's; the dataset says by which measure answers are scored."""

    dataset_kind: ClassVar[str] = "answered_text"
    task: Literal["transduction"]
    model: TranslatorModel
    training: TranslatorTraining
    decoding: Decoding = Decoding()
    baselines: list[Baseline] = ["most_frequent", "chance", "nearest"]
