"""A window with hidden hours in, the hidden values out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor
from torchmetrics import MeanMetric

from pipeline.build.imputer import build as build_imputer
from pipeline.data.gaps import GapBatch, GapBatches, Gaps
from pipeline.data.series import Part
from pipeline.data.store import PreparedDataset
from pipeline.metrics.imputation import asked_errors, r2
from pipeline.nn.imputer import Imputer
from pipeline.tasks.base import Task

ARCHITECTURE = "imputer"
"""Module of pipeline.build that makes the network of a bundle."""


class ImputationTask(Task):
    """Mean squared error over the hours that are asked about; validated by R² over them."""

    score_name = "r2"
    network: Imputer

    def __init__(self, network: Imputer, training: Mapping[str, Any]) -> None:
        super().__init__(network, training)
        self.loss = MeanMetric()
        self._found: dict[int, tuple[float, float]] = {}
        """Window -> its squared error, and that of the training part's mean."""

    def batch_loss(self, batch: GapBatch) -> Tensor:
        return _squared(self.network(batch.values, batch.hidden), batch) * batch.weight

    def validation_step(self, batch: GapBatch, batch_idx: int) -> None:
        if not batch.weight:
            return
        answers = self.network(batch.values, batch.hidden)
        values = batch.asked.sum() * batch.actual.shape[2]
        self.loss.update(_squared(answers, batch) / values, weight=values)
        errors = asked_errors(*(each.cpu().numpy() for each in (answers, batch.actual, batch.asked)))
        pairs = zip(errors.squared.tolist(), errors.of_mean.tolist(), strict=True)
        self._found |= zip(batch.rows.tolist(), pairs, strict=True)

    def on_validation_epoch_end(self) -> None:
        found = self.gathered(self._found)
        squared, of_mean = np.array([found[row] for row in sorted(found)]).T
        self.log("validation_loss", self.loss.compute())
        self.log("validation_score", r2(squared, of_mean))
        self.loss.reset()
        self._found = {}


def _squared(answers: Tensor, batch: GapBatch) -> Tensor:
    """Sum of the squared errors of what is asked: () float."""
    return ((answers - batch.actual) * batch.asked.unsqueeze(-1)).square().sum()


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> ImputationTask:
    """The task for a prepared dataset and a run's parameters."""
    network = build_imputer(parameters["model"], dataset.description)
    return ImputationTask(network, parameters["training"])


def batches(
    dataset: PreparedDataset, split: str, data: Mapping[str, Any], *, rank: int, ranks: int
) -> GapBatches:
    gaps = Gaps.of(Part.read(dataset, split), data)
    return GapBatches(gaps, stride=data["stride"], rank=rank, ranks=ranks)


def token_count(batch: GapBatch) -> int:
    """Hours that are read, the unit of training speed."""
    return batch.values.shape[0] * batch.values.shape[1]
