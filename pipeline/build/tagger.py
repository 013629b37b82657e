"""Parameters -> tagger."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.tagger import Tagger


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Tagger:
    """`model`: the fields of `TaggerModel` in pipeline/config/schema; `facts`: the dataset's."""
    return Tagger(
        words=facts["vocabulary"]["words"],
        letters=facts["vocabulary"]["characters"],
        tags=len(facts["tags"]),
        **model,
    )
