"""Parameters -> recaller."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.budget import within_budget
from pipeline.nn.recaller import Recaller


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Recaller:
    """`model`: the fields of `RecallerModel` in pipeline/config/schema; `facts`: the dataset's."""
    symbols = facts["symbols"]
    outputs = symbols if facts["wanted"] == "symbols" else 1
    return within_budget(model, lambda fields: Recaller(symbols=symbols, outputs=outputs, **fields))
