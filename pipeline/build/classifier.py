"""Parameters -> classifier."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from pipeline.nn.budget import within_budget
from pipeline.nn.classifier import Classifier
from pipeline.nn.unordered import Averager, Flat


def build(model: Mapping[str, Any], facts: Mapping[str, Any]) -> nn.Module:
    """`model`: the fields of `ClassifierModel` in pipeline/config/schema; `facts`: the dataset's."""
    sizes = {"vocabulary": facts["vocabulary"]["text"], "classes": len(facts["classes"])}

    def make(fields: dict[str, Any]) -> nn.Module:
        reader, positions = fields.pop("reader", "recurrent"), fields.pop("positions", None)
        if reader == "recurrent":
            return Classifier(**sizes, **fields)
        common = sizes | {name: fields[name] for name in ("embedding", "dropout")}
        if reader == "flat":
            return Flat(hidden=fields["hidden"], positions=positions, **common)
        return Averager(hidden=fields["hidden"] if reader == "average_mlp" else None, **common)

    return within_budget(model, lambda fields: make(dict(fields)))
