"""Parameters -> captioner."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.budget import within_budget
from pipeline.nn.captioner import Captioner


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Captioner:
    """`model`: the fields of `CaptionerModel` in pipeline/config/schema; `facts`: the dataset's."""
    vocabulary = facts["vocabulary"]["caption"]
    return within_budget(model, lambda fields: Captioner(vocabulary=vocabulary, **fields))
