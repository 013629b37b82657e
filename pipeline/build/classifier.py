"""Parameters -> classifier."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.classifier import Classifier


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Classifier:
    """`model`: the fields of `ClassifierModel` in pipeline/config/schema; `facts`: the dataset's."""
    return Classifier(vocabulary=facts["vocabulary"]["text"], classes=len(facts["classes"]), **model)
