"""A running text in, each next word out."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torchmetrics import MeanMetric

from pipeline.build.language_model import build as build_language_model
from pipeline.data.store import PreparedDataset
from pipeline.data.streams import StreamBatch, StreamBatches, running_ids
from pipeline.nn.language_model import LanguageModel
from pipeline.nn.recurrent import FinalState
from pipeline.tasks.base import Task
from pipeline.text.tokenizer import PAD

ARCHITECTURE = "language_model"
"""Module of pipeline.build that makes the network of a bundle."""
VALIDATION_STREAMS = 16
"""Fixed, so that scores don't depend on the training batch. Evaluation reads one stream."""


class LanguageModelling(Task):
    """Negative log-likelihood per token. The state goes on from batch to batch, and begins anew each epoch.

    Gradients end with the batch (truncated backpropagation through time, Williams and Peng 1990).
    """

    score_name = "log_likelihood"
    network: LanguageModel

    def __init__(self, network: nn.Module, training: Mapping[str, Any]) -> None:
        super().__init__(network, training)
        self.loss = MeanMetric()
        self._state: FinalState | None = None

    def on_train_batch_start(self, batch: StreamBatch, batch_idx: int) -> None:
        super().on_train_batch_start(batch, batch_idx)
        if batch_idx == 0:  # an epoch begins, also in a resumed run
            self._state = None

    def batch_loss(self, batch: StreamBatch) -> Tensor:
        total, self._state = self.network.loss(batch.tokens, batch.targets, self._state)
        return total * batch.weight

    def validation_step(self, batch: StreamBatch, batch_idx: int) -> None:
        state = self._state if batch_idx else None
        total, self._state = self.network.loss(batch.tokens, batch.targets, state)
        if batch.weight:
            count = token_count(batch)
            self.loss.update(total / max(count, 1), weight=count)

    def on_validation_epoch_end(self) -> None:
        loss = self.loss.compute()
        self.log("validation_loss", loss)
        self.log("validation_score", -loss)
        self.loss.reset()


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> LanguageModelling:
    """The task for a prepared dataset and a run's parameters."""
    network = build_language_model(parameters["model"], dataset.description)
    return LanguageModelling(network, parameters["training"])


def batches(
    dataset: PreparedDataset, split: str, data: Mapping[str, Any], *, rank: int, ranks: int
) -> StreamBatches:
    window = data["max_tokens"]
    streams = data["batch_tokens"] // window if split == "train" else VALIDATION_STREAMS
    return StreamBatches(running_ids(dataset, split), streams=streams, window=window, rank=rank, ranks=ranks)


def token_count(batch: StreamBatch) -> int:
    """Targets, the unit of training speed."""
    return int((batch.targets != PAD).sum())
