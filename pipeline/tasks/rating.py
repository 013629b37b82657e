"""Many to one: a text in, one of several ordered levels out."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassCohenKappa

from pipeline.build.rater import build as build_rater
from pipeline.data.store import PreparedDataset
from pipeline.data.texts import TextBatch, TextBatches
from pipeline.nn.rater import Rater
from pipeline.tasks.base import Task

ARCHITECTURE = "rater"
"""Module of pipeline.build that makes the network of a bundle."""


class RatingTask(Task):
    """The head's loss; validated by quadratic weighted kappa of the levels nearest to the stars.

    Args:
        levels: ratings, rising.
    """

    score_name = "kappa"
    network: Rater

    def __init__(self, network: Rater, training: Mapping[str, Any], *, levels: Sequence[int]) -> None:
        super().__init__(network, training)
        # A class for each whole number between the ends, so that distances count as written.
        self.kappa = MulticlassCohenKappa(num_classes=levels[-1] - levels[0] + 1, weights="quadratic")
        self.loss = MeanMetric()

    def batch_loss(self, batch: TextBatch) -> Tensor:
        given = self.network(batch.tokens, batch.lengths)
        return self.network.head.losses(given, batch.labels).mean() * batch.share

    def validation_step(self, batch: TextBatch, batch_idx: int) -> None:
        if not batch.share:
            return
        given, head = self.network(batch.tokens, batch.lengths), self.network.head
        self.loss.update(head.losses(given, batch.labels))
        levels = head.levels
        nearest = levels[(head.rated(given).stars.unsqueeze(1) - levels).abs().argmin(1)]
        places = (rating - levels[0] for rating in (nearest, levels[batch.labels]))
        self.kappa.update(*(place.to(torch.int64) for place in places))

    def on_validation_epoch_end(self) -> None:
        self.log("validation_loss", self.loss.compute())
        self.log("validation_score", self.kappa.compute())
        self.loss.reset()
        self.kappa.reset()


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> RatingTask:
    """The task for a prepared dataset and a run's parameters."""
    network = build_rater(parameters["model"], dataset.description)
    return RatingTask(network, parameters["training"], levels=dataset.description["levels"])


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
