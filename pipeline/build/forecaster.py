"""Parameters -> forecaster."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.forecaster import Forecaster


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Forecaster:
    """`model`: the fields of `ForecasterModel` in pipeline/config/schema; `facts`: the dataset's."""
    return Forecaster(channels=len(facts["channels"]), horizon=facts["horizons"][-1], **model)
