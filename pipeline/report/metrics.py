"""How each metric is called, rounded and compared on the page."""

import math
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """`decimals` shown; the page keeps the exact value beside the rounded one.

    `bounds`: what a score can be at all; a t interval may reach beyond and is cut off there.
    """

    label: str
    decimals: int
    bounds: tuple[float, float] = (-math.inf, math.inf)


METRICS = {
    "entity_f1": Metric("entity F1", 3, (0, 1)),
    "entity_precision": Metric("entity precision", 3, (0, 1)),
    "entity_recall": Metric("entity recall", 3, (0, 1)),
    "accuracy": Metric("accuracy", 3, (0, 1)),
    "accuracy_unknown": Metric("accuracy on unseen words", 3, (0, 1)),
    "f1": Metric("F1", 3, (0, 1)),
    "roc_auc": Metric("ROC AUC", 3, (0, 1)),
    "ece": Metric("calibration error", 3, (0, 1)),
    "filler_drop": Metric("accuracy lost to filler", 3, (-1, 1)),
    "cider": Metric("CIDEr", 3, (0, 10)),
    "cider_greedy": Metric("greedy CIDEr", 3, (0, 10)),
    "bleu": Metric("BLEU", 1, (0, 100)),
    "bleu_greedy": Metric("greedy BLEU", 1, (0, 100)),
    "chrf": Metric("chrF", 1, (0, 100)),
    "rouge_l": Metric("ROUGE-L", 1, (0, 100)),
    "rouge_l_greedy": Metric("greedy ROUGE-L", 1, (0, 100)),
    "rouge_1": Metric("ROUGE-1", 1, (0, 100)),
    "rouge_2": Metric("ROUGE-2", 1, (0, 100)),
    "wer": Metric("word error rate", 3, (0, math.inf)),
    "wer_greedy": Metric("greedy word error rate", 3, (0, math.inf)),
    "exact_match": Metric("exact match", 3, (0, 1)),
    "exact_match_greedy": Metric("greedy exact match", 3, (0, 1)),
    "length_ratio": Metric("length ratio", 2, (0, math.inf)),
    "perplexity": Metric("perplexity", 2, (1, math.inf)),
    "distinct": Metric("captions that occur once", 2, (0, 1)),
    "mse": Metric("MSE", 3, (0, math.inf)),
    "mae": Metric("MAE", 3, (0, math.inf)),
    "r2": Metric("R²", 3, (-math.inf, 1)),
    "mse_last": Metric("MSE at the last hour", 3, (0, math.inf)),
    "kappa": Metric("weighted kappa", 3, (-1, 1)),
    "spearman": Metric("Spearman", 3, (-1, 1)),
}
"""In the order of the results table's columns."""


HORIZON = re.compile(r"(mse|mae)_(\d+)")
"""An error over the first so many hours of a forecast."""
CUT = re.compile(r"accuracy_(\d+)")
"""With so many tokens of each text read, on texts that all have more."""


def metric_of(name: str) -> Metric:
    """The metric's description; one that the page doesn't know goes by its own name."""
    if ahead := HORIZON.fullmatch(name):
        whole = METRICS[ahead[1]]
        return Metric(f"{whole.label} {ahead[2]} h", whole.decimals, whole.bounds)
    if cut := CUT.fullmatch(name):
        whole = METRICS["accuracy"]
        return Metric(f"{whole.label}, {cut[1]} tokens read", whole.decimals, whole.bounds)
    return METRICS.get(name, Metric(name, 3))


def is_detail(name: str) -> bool:
    """Whether the task's own section or a claim shows the metric, instead of the table of scores."""
    return HORIZON.fullmatch(name) is not None or CUT.fullmatch(name) is not None
