"""Parameters -> classifier that reads before it classifies."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.budget import within_budget
from pipeline.nn.reader import ReadingClassifier


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> ReadingClassifier:
    """`model`: the fields of `ClassifierModel` in pipeline/config/schema, of reader recurrent; `facts`: the
    dataset's."""
    sizes = {"vocabulary": facts["vocabulary"]["text"], "classes": len(facts["classes"])}
    fields = {name: value for name, value in model.items() if name not in ("reader", "positions")}
    return within_budget(fields, lambda fields: ReadingClassifier(**sizes, **fields))
