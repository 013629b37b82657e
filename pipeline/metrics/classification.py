"""Scores of class probabilities, by torchmetrics."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torchmetrics.functional.classification import (
    multiclass_accuracy,
    multiclass_auroc,
    multiclass_calibration_error,
    multiclass_confusion_matrix,
    multiclass_f1_score,
)

from pipeline.metrics.score import Score

BINS = 15
"""Of equal width, over the probability of the predicted class (Guo et al. 2017)."""

Probabilities = npt.NDArray[np.floating[Any]]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bin:
    """Predictions whose probability fell into a bin: mean probability and accuracy, None if it is empty."""

    confidence: float | None
    accuracy: float | None
    count: int


def scores(probabilities: Probabilities, labels: Labels) -> dict[str, Score]:
    """accuracy; f1 and roc_auc, means over classes; ece, the expected calibration error. All from 0 to 1.

    A class that no label has can't be ranked, so roc_auc is left out where one is missing.

    Args:
        probabilities: (N, C), rows sum to 1.
        labels: (N,) from 0 to C - 1.
    """
    predicted, actual = torch.tensor(probabilities, dtype=torch.float32), torch.tensor(labels)
    classes = predicted.shape[1]
    computed: dict[str, tuple[Callable[..., Tensor], dict[str, Any]]] = {
        "accuracy": (multiclass_accuracy, {"average": "micro"}),
        "f1": (multiclass_f1_score, {"average": "macro"}),
        "roc_auc": (multiclass_auroc, {"average": "macro"}),
        "ece": (multiclass_calibration_error, {"n_bins": BINS, "norm": "l1"}),
    }
    if len(np.unique(labels)) < classes:
        del computed["roc_auc"]
    return {
        name: Score(
            float(function(predicted, actual, num_classes=classes, **settings)),
            _signature(function, settings),
        )
        for name, (function, settings) in computed.items()
    }


def filler_drop(right: npt.NDArray[np.bool_], lengths: Sequence[int]) -> dict[str, Score]:
    """Accuracy at the shortest filler less accuracy at the longest, of the same texts: from -1 to 1.

    Args:
        right: (texts, lengths), whether a text was put into its class.
        lengths: words of filler, rising.
    """
    near, far = right[:, 0].mean(), right[:, -1].mean()
    signature = f"accuracy with {lengths[0]} less that with {lengths[-1]} words of filler"
    return {"filler_drop": Score(float(near - far), signature)}


def confusion(probabilities: Probabilities, labels: Labels) -> npt.NDArray[np.int64]:
    """(C, C) counts: rows are actual classes, columns predicted ones."""
    predicted, actual = torch.tensor(probabilities, dtype=torch.float32), torch.tensor(labels)
    return np.asarray(multiclass_confusion_matrix(predicted, actual, num_classes=predicted.shape[1]))


def calibration_bins(probabilities: Probabilities, labels: Labels) -> list[Bin]:
    """What `ece` is computed from: the sum over bins of count / N times |accuracy - confidence|."""
    confidence = probabilities.max(1)
    is_right = probabilities.argmax(1) == labels
    place = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    return [_bin(confidence[place == i], is_right[place == i]) for i in range(BINS)]


def _bin(confidence: Probabilities, is_right: npt.NDArray[np.bool_]) -> Bin:
    if not len(confidence):
        return Bin(None, None, 0)
    return Bin(float(confidence.mean()), float(is_right.mean()), len(confidence))


def _signature(function: Any, settings: dict[str, Any]) -> str:
    chosen = ",".join(f"{name}={value}" for name, value in settings.items())
    return f"{function.__name__}({chosen})|torchmetrics {version('torchmetrics')}"
