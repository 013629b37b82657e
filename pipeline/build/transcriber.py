"""Parameters -> transcriber."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.budget import within_budget
from pipeline.nn.transcriber import Transcriber


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Transcriber:
    """`model`: the fields of `TranscriberModel` in pipeline/config/schema; `facts`: the dataset's."""
    sizes = {"features": facts["features"], "vocabulary": facts["vocabulary"]["transcript"]}
    return within_budget(
        model, lambda fields: Transcriber(**sizes, **fields), multiple=2 if model["bidirectional"] else 1
    )
