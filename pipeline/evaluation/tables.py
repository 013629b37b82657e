"""The tables that evaluating one system yields, by name; `experiment` puts those of all systems together."""

from collections.abc import Mapping, Sequence

import pandas as pd

from pipeline.data.store import Ids, PreparedDataset, TokenColumn
from pipeline.metrics.score import Score

Tables = dict[str, pd.DataFrame]


def stacked(parts: Sequence[Tables]) -> Tables:
    """The tables of several parts, one below the other by name; a part may lack some."""
    names = {name: None for part in parts for name in part}
    return {
        name: pd.concat([part[name] for part in parts if name in part], ignore_index=True) for name in names
    }


def test_splits_first(dataset: PreparedDataset) -> list[str]:
    """Every test split in the dataset's order, the headline one first, then validation."""
    return [*dataset.description["tests"], "validation"]


def all_ids(column: TokenColumn) -> list[Ids]:
    """Token ids of every row."""
    return [column[row] for row in range(len(column))]


def score_rows(split: str, scores: Mapping[str, Score]) -> pd.DataFrame:
    """split, metric, value, signature"""
    return pd.DataFrame(
        [
            {"split": split, "metric": metric, "value": score.value, "signature": score.signature}
            for metric, score in scores.items()
        ]
    )
