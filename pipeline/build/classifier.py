"""Parameters -> classifier."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.budget import within_budget
from pipeline.nn.classifier import Classifier


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Classifier:
    """`model`: the fields of `ClassifierModel` in pipeline/config/schema; `facts`: the dataset's."""
    vocabulary, classes = facts["vocabulary"]["text"], len(facts["classes"])
    return within_budget(model, lambda fields: Classifier(vocabulary=vocabulary, classes=classes, **fields))
