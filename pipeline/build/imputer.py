"""Parameters -> imputer."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.budget import within_budget
from pipeline.nn.imputer import Imputer


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Imputer:
    """`model`: the fields of `ImputerModel` in pipeline/config/schema; `facts`: the dataset's."""
    channels = len(facts["channels"])
    return within_budget(model, lambda fields: Imputer(channels=channels, **fields))
