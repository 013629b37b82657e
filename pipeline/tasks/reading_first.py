"""Many to one from few labels: the network may read running text before it learns the classes.

Dai and Le 2015 (a language model's weights as a start), Howard and Ruder 2018 (the same with few labels).
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from pipeline.build.reading_classifier import build as build_reading_classifier
from pipeline.data.few_labels import FewTexts, running_text
from pipeline.data.few_rows import FirstThen
from pipeline.data.store import PreparedDataset
from pipeline.data.streams import StreamBatch, StreamBatches
from pipeline.data.texts import TextBatch, TextBatches
from pipeline.nn.reader import ReadingClassifier
from pipeline.nn.recurrent import FinalState
from pipeline.tasks import language_modelling, many_to_one
from pipeline.tasks.many_to_one import ManyToOne
from pipeline.tasks.two_phases import TwoPhases

ARCHITECTURE = "reading_classifier"
"""Module of pipeline.build that makes the network of a bundle."""


class ReadingFirst(TwoPhases, ManyToOne):
    """Negative log-likelihood of the next word in the reading epochs, then cross-entropy over classes."""

    network: ReadingClassifier
    _state: FinalState | None = None

    def on_train_batch_start(self, batch: StreamBatch | TextBatch, batch_idx: int) -> None:
        super().on_train_batch_start(batch, batch_idx)
        if batch_idx == 0:
            self._state = None

    def batch_loss(self, batch: StreamBatch | TextBatch) -> Tensor:
        # What the phase leaves out takes part with weight zero: over several devices each parameter must.
        unused = 0.0 * sum(parameter.sum() for parameter in self.network.parameters())
        if isinstance(batch, TextBatch):
            return super().batch_loss(batch) + unused
        total, self._state = self.network.reading_loss(batch.tokens, batch.targets, self._state)
        return total * batch.weight + unused


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> ReadingFirst:
    """The task for a prepared dataset and a run's parameters."""
    assert dataset.classes is not None
    network = build_reading_classifier(parameters["model"], dataset.description)
    task = ReadingFirst(network, parameters["training"], classes=len(dataset.classes))
    task.first = parameters["data"].get("reading")
    return task


def batches(
    dataset: PreparedDataset, split: str, data: Mapping[str, Any], *, rank: int, ranks: int
) -> FirstThen | TextBatches:
    if split != "train":
        return many_to_one.batches(dataset, split, data, rank=rank, ranks=ranks)
    place: dict[str, Any] = {"rank": rank, "ranks": ranks}
    shown = {name: data[name] for name in ("max_tokens", "keep", "padding")}
    few, reading, rows = data.get("few"), data.get("reading"), dataset.split(split)
    labelled = TextBatches(rows, **shown, **place) if few is None else FewTexts(rows, **few, **shown, **place)
    if reading is None:
        return labelled
    text = running_text(dataset.split(reading["split"]), reading["tokens"])
    streams = max(1, reading["batch_tokens"] // reading["window"])
    windows = StreamBatches(text, streams=streams, window=reading["window"], **place)
    return FirstThen(windows, labelled, epochs=reading["epochs"])


def token_count(batch: StreamBatch | TextBatch) -> int:
    """Tokens that are read, the unit of training speed."""
    if isinstance(batch, TextBatch):
        return many_to_one.token_count(batch)
    return language_modelling.token_count(batch)
