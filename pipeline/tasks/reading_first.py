"""Many to one from few labels: the network may read running text before it learns the classes.

Dai and Le 2015 (a language model's weights as a start), Howard and Ruder 2018 (the same with few labels).
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from pipeline.build.reading_classifier import build as build_reading_classifier
from pipeline.data.few_labels import FewTexts, ReadFirst, running_text
from pipeline.data.store import PreparedDataset
from pipeline.data.streams import StreamBatch, StreamBatches
from pipeline.data.texts import TextBatch, TextBatches
from pipeline.nn.reader import ReadingClassifier
from pipeline.nn.recurrent import FinalState
from pipeline.tasks import language_modelling, many_to_one
from pipeline.tasks.base import learning_rate
from pipeline.tasks.many_to_one import ManyToOne

ARCHITECTURE = "reading_classifier"
"""Module of pipeline.build that makes the network of a bundle."""


class ReadingFirst(ManyToOne):
    """Negative log-likelihood of the next word in the reading epochs, cross-entropy over classes after them.

    Each of the two has its own course of the learning rate.
    """

    network: ReadingClassifier

    def __init__(
        self,
        network: ReadingClassifier,
        training: Mapping[str, Any],
        *,
        classes: int,
        reading: Mapping[str, Any] | None,
    ) -> None:
        """`reading`: the fields of `Reading` in pipeline/config/schema/classification.py."""
        super().__init__(network, training, classes=classes)
        self._reading = reading
        self._state: FinalState | None = None

    @property
    def _reads(self) -> bool:
        return self._reading is not None and self.current_epoch < self._reading["epochs"]

    def on_train_batch_start(self, batch: StreamBatch | TextBatch, batch_idx: int) -> None:
        super().on_train_batch_start(batch, batch_idx)
        if batch_idx == 0:
            self._state = None
        training, epoch = self.training_parameters, self.current_epoch
        epochs = training["epochs"]
        if self._reading is not None:
            first = self._reading["epochs"]
            epoch, epochs = (epoch, first) if self._reads else (epoch - first, epochs - first)
        if self._reading is not None and self._reads:
            training = training | {"learning_rate": self._reading["learning_rate"]}
        behind = (epoch + batch_idx / self.trainer.num_training_batches) / epochs
        for group in self.optimizers(use_pl_optimizer=False).param_groups:  # type: ignore[union-attr]
            group["lr"] = learning_rate(behind, training)

    def batch_loss(self, batch: StreamBatch | TextBatch) -> Tensor:
        # What the phase leaves out takes part with weight zero: over several devices each parameter must.
        unused = 0.0 * sum(parameter.sum() for parameter in self.network.parameters())
        if isinstance(batch, TextBatch):
            return super().batch_loss(batch) + unused
        total, self._state = self.network.reading_loss(batch.tokens, batch.targets, self._state)
        return total * batch.weight + unused

    def on_validation_epoch_end(self) -> None:
        """A network that has only read is not to be chosen: it scores nothing."""
        if not self._reads:
            return super().on_validation_epoch_end()
        self.log("validation_loss", self.loss.compute())
        self.log("validation_score", 0.0)
        self.loss.reset()
        self.accuracy.reset()


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> ReadingFirst:
    """The task for a prepared dataset and a run's parameters."""
    assert dataset.classes is not None
    network = build_reading_classifier(parameters["model"], dataset.description)
    reading = parameters["data"].get("reading")
    return ReadingFirst(network, parameters["training"], classes=len(dataset.classes), reading=reading)


def batches(
    dataset: PreparedDataset, split: str, data: Mapping[str, Any], *, rank: int, ranks: int
) -> ReadFirst | TextBatches:
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
    return ReadFirst(windows, labelled, epochs=reading["epochs"])


def token_count(batch: StreamBatch | TextBatch) -> int:
    """Tokens that are read, the unit of training speed."""
    if isinstance(batch, TextBatch):
        return many_to_one.token_count(batch)
    return language_modelling.token_count(batch)
