"""Parameters -> rater."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.budget import within_budget
from pipeline.nn.rater import Rater


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Rater:
    """`model`: the fields of `RaterModel` in pipeline/config/schema; `facts`: the dataset's."""
    vocabulary, levels = facts["vocabulary"]["text"], facts["levels"]
    return within_budget(model, lambda fields: Rater(vocabulary=vocabulary, levels=levels, **fields))
