"""Trainings whose first epochs learn something else, to begin what follows from there."""

from collections.abc import Mapping
from typing import Any

from torchmetrics import Metric

from pipeline.tasks.base import Task, learning_rate


class TwoPhases(Task):
    """To stand before a task among a class's parents.

    Each phase has its own course of the learning rate, and the validation of the first scores nothing: a
    network that has seen nothing else is not to be chosen.
    """

    first: Mapping[str, Any] | None = None
    """`epochs` and `learning_rate` of the first phase; None: there is none."""

    @property
    def in_first(self) -> bool:
        return self.first is not None and self.current_epoch < self.first["epochs"]

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        super().on_train_batch_start(batch, batch_idx)
        if self.first is None:
            return
        training, epoch, before = self.training_parameters, self.current_epoch, self.first["epochs"]
        epochs = training["epochs"] - before
        if self.in_first:
            training, epochs = training | {"learning_rate": self.first["learning_rate"]}, before
        else:
            epoch -= before
        self.progress = (epoch + batch_idx / self.trainer.num_training_batches) / epochs
        for group in self.optimizers(use_pl_optimizer=False).param_groups:  # type: ignore[union-attr]
            group["lr"] = learning_rate(self.progress, training)

    def on_validation_epoch_end(self) -> None:
        if not self.in_first:
            super().on_validation_epoch_end()
            return
        self.log("validation_loss", self.loss.compute())  # type: ignore[operator, union-attr]
        self.log("validation_score", 0.0)
        for metric in self.children():
            if isinstance(metric, Metric):
                metric.reset()
