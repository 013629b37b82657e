"""Points of training curves on their way into an MLflow run."""

from typing import NamedTuple

from mlflow import MlflowClient
from mlflow.entities import Metric, Run

LIMIT = 1000
"""Most metrics that MLflow takes in one call."""
SECTION = "curves/"
"""Prefix of a curve's name in MLflow, whose pages make a section of each prefix."""


class Point(NamedTuple):
    metric: str
    step: int
    value: float
    time: float
    """Seconds since 1970."""


def history(client: MlflowClient, run: Run) -> set[tuple[str, int, float]]:
    """(metric, step, value) of the curves that a run holds already."""
    names = [name for name in run.data.metrics if name.startswith(SECTION)]
    points = (point for name in names for point in client.get_metric_history(run.info.run_id, name))
    return {(point.key.removeprefix(SECTION), point.step, point.value) for point in points}


def log_points(client: MlflowClient, run_id: str, points: list[Point]) -> None:
    metrics = [
        Metric(SECTION + point.metric, point.value, round(point.time * 1000), point.step) for point in points
    ]
    for start in range(0, len(metrics), LIMIT):
        client.log_batch(run_id, metrics=metrics[start : start + LIMIT])
