"""What every gate and state of a classifier does while it reads one sentence.

The sentence goes through the cells as their equations say (pipeline/nn/trace.py), step by step, and of the
units of each gate and state their minimum, quartiles and maximum are kept. A layer that reads both ways is
followed in its first direction alone.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import torch

from pipeline.bundle.load import Bundle
from pipeline.data.store import PreparedDataset
from pipeline.evaluation.predict.gates import Traced, traced
from pipeline.evaluation.tables import Tables

QUANTITIES = {
    "input": "input gate",
    "forget": "forget gate",
    "output": "output gate",
    "reset": "reset gate",
    "update": "update gate",
    "candidate": "candidate",
    "cell": "c",
    "hidden": "h",
}
"""Name in the trace -> name in the table. What an RNN's activation is applied to is left out."""
SHARES = {"low": 0.0, "q1": 0.25, "median": 0.5, "q3": 0.75, "high": 1.0}


def probe_bundle(bundle: Bundle, dataset: PreparedDataset, settings: Mapping[str, Any]) -> Tables:
    """`gates`: of each layer, step and quantity; `answers`: what the network says after each word.

    Raises:
        UserError: the network has no recurrent layers, reads padding as words, or was trained with zoneout.
    """
    found = traced(bundle, settings["sentence"])
    return {"gates": gates(found), "answers": answers(found)}


def gates(found: Traced) -> pd.DataFrame:
    """layer, step, word, quantity, low, q1, median, q3, high; the last five over the layer's units."""
    first = {trace.layer: trace.steps for trace in reversed(found.layers)}
    rows = []
    for layer in sorted(first):
        values = first[layer]._asdict()
        for name, quantity in QUANTITIES.items():
            if name not in values:
                continue
            spread = torch.quantile(values[name].double(), _shares(), dim=1).T.tolist()
            for step, (word, units) in enumerate(zip(found.words, spread, strict=True), 1):
                about = {"layer": layer, "step": step, "word": word, "quantity": quantity}
                rows.append(about | dict(zip(SHARES, units, strict=True)))
    return pd.DataFrame(rows)


def answers(found: Traced) -> pd.DataFrame:
    """step, word, answer, probability: if the sentence ended with that word."""
    rows = []
    for step, (word, said) in enumerate(zip(found.words, found.answers, strict=True), 1):
        answer, _, probability = said.rpartition(" ")
        about = {"step": step, "word": word}
        rows.append(about | {"answer": answer, "probability": float(probability)})
    return pd.DataFrame(rows)


def _shares() -> torch.Tensor:
    return torch.tensor(list(SHARES.values()), dtype=torch.float64)
