"""Parameters -> forecaster."""

from collections.abc import Mapping
from typing import Any

from pipeline.nn.budget import within_budget
from pipeline.nn.forecaster import Forecaster


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> Forecaster:
    """`model`: the fields of `ForecasterModel` in pipeline/config/schema; `facts`: the dataset's."""
    channels, horizon = len(facts["channels"]), facts["horizons"][-1]
    return within_budget(model, lambda fields: Forecaster(channels=channels, horizon=horizon, **fields))
