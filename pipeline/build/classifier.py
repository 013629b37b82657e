"""Parameters -> classifier."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.classifier import Classifier


def build_classifier(model: Mapping[str, Any], *, vocabulary: int, classes: int) -> Classifier:
    """`model`: the fields of `ClassifierModel` in pipeline/config/schema.py."""
    return Classifier(vocabulary=vocabulary, classes=classes, **model)
