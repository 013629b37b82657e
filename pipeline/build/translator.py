"""Parameters -> translator."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.budget import within_budget
from pipeline.nn.translator import Translator


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Translator:
    """`model`: the fields of `TranslatorModel` in pipeline/config/schema; `facts`: the dataset's."""

    def make(fields: dict[str, Any]) -> Translator:
        return Translator(
            source_vocabulary=facts["vocabulary"]["source"],
            target_vocabulary=facts["vocabulary"]["target"],
            joint_vocabulary=facts["joint_vocabulary"],
            **fields,
        )

    return within_budget(model, make, multiple=2 if model["bidirectional"] else 1)
