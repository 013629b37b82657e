"""Many to one: a text in, a class out."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassAccuracy

from pipeline.build.classifier import build as build_classifier
from pipeline.data.store import PreparedDataset
from pipeline.data.texts import TextBatch, TextBatches
from pipeline.tasks.base import Task

ARCHITECTURE = "classifier"
"""Module of pipeline.build that makes the network of a bundle."""


class ManyToOne(Task):
    """Cross-entropy over classes; validated by accuracy."""

    score_name = "accuracy"
    network: nn.Module

    def __init__(self, network: nn.Module, training: Mapping[str, Any], *, classes: int) -> None:
        super().__init__(network, training)
        self.accuracy = MulticlassAccuracy(num_classes=classes, average="micro")
        self.loss = MeanMetric()

    def batch_loss(self, batch: TextBatch) -> Tensor:
        smoothing = self.training_parameters["label_smoothing"]
        return F.cross_entropy(self._logits(batch), batch.labels, label_smoothing=smoothing) * batch.share

    def validation_step(self, batch: TextBatch, batch_idx: int) -> None:
        if not batch.share:
            return
        logits = self._logits(batch)
        self.accuracy.update(logits, batch.labels)
        self.loss.update(F.cross_entropy(logits, batch.labels, reduction="none"))

    def _logits(self, batch: TextBatch) -> Tensor:
        """Logits (B, C), in float32 at least."""
        logits: Tensor = self.network(batch.tokens, batch.lengths)
        return logits.to(torch.promote_types(logits.dtype, torch.float32))

    def on_validation_epoch_end(self) -> None:
        self.log("validation_loss", self.loss.compute())
        self.log("validation_score", self.accuracy.compute())
        self.loss.reset()
        self.accuracy.reset()


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> ManyToOne:
    """The task for a prepared dataset and a run's parameters."""
    assert dataset.classes is not None
    network = build_classifier(parameters["model"], dataset.description)
    return ManyToOne(network, parameters["training"], classes=len(dataset.classes))


def batches(
    dataset: PreparedDataset, split: str, data: Mapping[str, Any], *, rank: int, ranks: int
) -> TextBatches:
    return TextBatches(
        dataset.split(split),
        max_tokens=data["max_tokens"],
        keep=data["keep"],
        padding=data["padding"],
        rank=rank,
        ranks=ranks,
    )


def token_count(batch: TextBatch) -> int:
    """Tokens that are read, the unit of training speed."""
    return int(batch.lengths.sum())
