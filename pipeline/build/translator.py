"""Parameters -> translator."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.translator import Translator


def build_translator(
    model: Mapping[str, Any], *, source_vocabulary: int, target_vocabulary: int, joint_vocabulary: bool
) -> Translator:
    """`model`: the fields of `TranslatorModel` in pipeline/config/schema.py."""
    return Translator(
        source_vocabulary=source_vocabulary,
        target_vocabulary=target_vocabulary,
        joint_vocabulary=joint_vocabulary,
        **model,
    )
