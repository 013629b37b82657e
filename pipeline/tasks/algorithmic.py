"""Many to many, aligned: an answer at every step that is asked."""

from collections.abc import Mapping
from typing import Any, Literal

from torch import Tensor
from torch.nn import functional as F
from torchmetrics import MeanMetric, Metric
from torchmetrics.regression import R2Score

from pipeline.build.recaller import build as build_recaller
from pipeline.data.step_batches import StepsBatch, StepsBatches
from pipeline.data.store import PreparedDataset
from pipeline.nn.recaller import Recaller
from pipeline.tasks.base import Task

ARCHITECTURE = "recaller"
"""Module of pipeline.build that makes the network of a bundle."""


class AlgorithmicTask(Task):
    """Cross-entropy of the symbols that are asked, validated by their accuracy; or the squared error of
    numbers, validated by R².
    """

    network: Recaller

    def __init__(
        self, network: Recaller, training: Mapping[str, Any], *, wanted: Literal["symbols", "numbers"]
    ) -> None:
        super().__init__(network, training)
        self.wanted = wanted
        self.score_name = "accuracy" if wanted == "symbols" else "r2"
        self.loss = MeanMetric()
        self.score: Metric = MeanMetric() if wanted == "symbols" else R2Score()

    def batch_loss(self, batch: StepsBatch) -> Tensor:
        return self._losses(*self._answers(batch)).sum() * batch.weight

    def validation_step(self, batch: StepsBatch, batch_idx: int) -> None:
        if not batch.weight:
            return
        answers, targets = self._answers(batch)
        self.loss.update(self._losses(answers, targets))
        if self.wanted == "symbols":
            self.score.update(answers.argmax(-1) == targets)
        else:
            self.score.update(answers[:, 0], targets)

    def on_validation_epoch_end(self) -> None:
        self.log("validation_loss", self.loss.compute())
        self.log("validation_score", self.score.compute())
        self.loss.reset()
        self.score.reset()

    def _answers(self, batch: StepsBatch) -> tuple[Tensor, Tensor]:
        """(asked, O) of the steps that are asked, and what is wanted there, (asked,)."""
        found = self.network(batch.symbols, batch.numbers, batch.lengths)
        return found[batch.asked], batch.targets[batch.asked]

    def _losses(self, answers: Tensor, targets: Tensor) -> Tensor:
        if self.wanted == "symbols":
            return F.cross_entropy(answers, targets.long(), reduction="none")
        return (answers[:, 0] - targets).square()


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> AlgorithmicTask:
    """The task for a prepared dataset and a run's parameters."""
    facts = dataset.description
    network = build_recaller(parameters["model"], facts)
    return AlgorithmicTask(network, parameters["training"], wanted=facts["wanted"])


def batches(
    dataset: PreparedDataset, split: str, data: Mapping[str, Any], *, rank: int, ranks: int
) -> StepsBatches:
    return StepsBatches(dataset.split(split), rank=rank, ranks=ranks)


def token_count(batch: StepsBatch) -> int:
    """Steps that are read, the unit of training speed."""
    return int(batch.lengths.sum())
