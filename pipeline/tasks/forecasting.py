"""A sequence of numbers in, the numbers that follow out, all of them at once."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor
from torchmetrics import MeanMetric

from pipeline.build.forecaster import build as build_forecaster
from pipeline.data.series import Part
from pipeline.data.store import PreparedDataset
from pipeline.data.windows import WindowBatch, WindowBatches
from pipeline.metrics.forecasting import r2, window_errors
from pipeline.nn.forecaster import Forecaster
from pipeline.nn.masks import real_mask
from pipeline.tasks.base import Task

ARCHITECTURE = "forecaster"
"""Module of pipeline.build that makes the network of a bundle."""
Windows = dict[int, tuple[Any, Any]]
"""Window -> its squared errors, and those of the training part's mean, (horizons, channels)."""


class ForecastingTask(Task):
    """Mean squared error over all real values of the windows' futures; validated by R² over the horizons.

    Args:
        horizons: hours ahead over which errors are reported; the network forecasts up to the last.
    """

    score_name = "r2"
    network: Forecaster

    def __init__(self, network: Forecaster, training: Mapping[str, Any], *, horizons: Sequence[int]) -> None:
        super().__init__(network, training)
        self.horizons = list(horizons)
        self.loss = MeanMetric()
        self._found: Windows = {}

    def batch_loss(self, batch: WindowBatch) -> Tensor:
        return self._squared(self.network(batch.past), batch) * batch.weight

    def validation_step(self, batch: WindowBatch, batch_idx: int) -> None:
        if not batch.weight:
            return
        forecast = self.network(batch.past)
        values = batch.lengths.sum() * batch.future.shape[2]
        self.loss.update(self._squared(forecast, batch) / values, weight=values)
        future, lengths = batch.future.cpu().numpy(), batch.lengths.cpu().numpy()
        squared, of_mean = (
            window_errors(values, future, lengths, self.horizons).squared
            for values in (forecast.cpu().numpy(), np.zeros_like(future))
        )
        self._found |= zip(batch.rows.tolist(), zip(squared, of_mean, strict=True), strict=True)

    def on_validation_epoch_end(self) -> None:
        found = self.gathered(self._found)
        squared, of_mean = zip(*(found[row] for row in sorted(found)), strict=True)
        self.log("validation_loss", self.loss.compute())
        self.log("validation_score", r2(np.stack(squared), np.stack(of_mean)))
        self.loss.reset()
        self._found = {}

    def _squared(self, forecast: Tensor, batch: WindowBatch) -> Tensor:
        """Sum of the squared errors of real values: () float."""
        mask = real_mask(batch.lengths, forecast.shape[1]).unsqueeze(-1)
        return ((forecast - batch.future) * mask).square().sum()


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> ForecastingTask:
    """The task for a prepared dataset and a run's parameters."""
    facts = dataset.description
    network = build_forecaster(parameters["model"], facts)
    return ForecastingTask(network, parameters["training"], horizons=facts["horizons"])


def batches(
    dataset: PreparedDataset, split: str, data: Mapping[str, Any], *, rank: int, ranks: int
) -> WindowBatches:
    windows = Part.read(dataset, split).windows(data["max_tokens"], dataset.description["horizons"][-1])
    return WindowBatches(windows, rank=rank, ranks=ranks)


def token_count(batch: WindowBatch) -> int:
    """Hours that are read, the unit of training speed."""
    return batch.past.shape[0] * batch.past.shape[1]
