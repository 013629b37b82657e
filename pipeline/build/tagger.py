"""Parameters -> tagger."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.budget import within_budget
from pipeline.nn.tagger import Tagger


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Tagger:
    """`model`: the fields of `TaggerModel` in pipeline/config/schema; `facts`: the dataset's."""
    words, letters = facts["vocabulary"]["words"], facts["vocabulary"]["characters"]
    tags = len(facts["tags"])
    return within_budget(model, lambda fields: Tagger(words=words, letters=letters, tags=tags, **fields))
