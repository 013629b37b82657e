"""How each metric is called, rounded and compared on the page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """`decimals` shown; the page keeps the exact value beside the rounded one."""

    label: str
    decimals: int


METRICS = {
    "accuracy": Metric("accuracy", 3),
    "f1": Metric("F1", 3),
    "roc_auc": Metric("ROC AUC", 3),
    "ece": Metric("calibration error", 3),
    "bleu": Metric("BLEU", 1),
    "bleu_greedy": Metric("greedy BLEU", 1),
    "chrf": Metric("chrF", 1),
    "length_ratio": Metric("length ratio", 2),
}

HEADLINE = {"classification": "accuracy", "translation": "bleu"}
"""The metric that ranks an experiment's variants; higher is better for each of them."""


def metric_of(name: str) -> Metric:
    """The metric's description; one that the page doesn't know goes by its own name."""
    return METRICS.get(name, Metric(name, 3))
