"""Parameters -> language model."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.budget import within_budget
from pipeline.nn.language_model import LanguageModel


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> LanguageModel:
    """`model`: the fields of `LanguageModel` in pipeline/config/schema; `facts`: the dataset's."""
    vocabulary = facts["vocabulary"]["text"]
    return within_budget(model, lambda fields: LanguageModel(vocabulary=vocabulary, **fields))
