"""Sequences of symbols and numbers, and what is wanted of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from pipeline.config.schema.datasets import Steps
from pipeline.data.kinds.base import path_of
from pipeline.data.steps import TOKENS, VALUES, write_steps
from pipeline.errors import UserError
from pipeline.files import write_json


class StepsKind:
    def __init__(self, dataset: Steps) -> None:
        self._dataset = dataset

    def write(self, raw: Path, folder: Path) -> dict[str, Any]:
        """Writes the steps of each split.

        Returns:
            statistics: rows, steps, steps that are asked and the quantiles of their distances by split.

        Raises:
            UserError: the corpus lacks a split or a column.
        """
        statistics: dict[str, Any] = {"splits": {}}
        symbols = 0
        for name in ("train", "validation", *self._dataset.tests):
            path = path_of(raw, name, "`tests`")
            table = pq.read_table(path)
            for column in (*TOKENS, *VALUES):
                if column not in table.column_names:
                    raise UserError(
                        f"{path}: has no column {column!r}; it has {', '.join(table.column_names)}"
                    )
            columns = {column: table[column].to_pylist() for column in (*TOKENS, *VALUES)}
            (folder / name).mkdir()
            write_steps(folder / name, columns)
            distances = np.concatenate(columns["distances"])
            asked = distances[distances > 0]
            if not len(asked):
                raise UserError(f"{path}: asks for nothing; some distance must be above 0")
            symbols = max(symbols, *(max(row) for row in columns["symbols"]))
            statistics["splits"][name] = {
                "rows": table.num_rows,
                "steps": len(distances),
                "asked": len(asked),
                "distance": {f"p{q}": float(np.percentile(asked, q)) for q in (5, 50, 95)}
                | {"max": float(asked.max())},
            }
        description = {
            "kind": self._dataset.kind,
            "splits": {name: facts["rows"] for name, facts in statistics["splits"].items()},
            "tests": self._dataset.tests,
            "columns": list(TOKENS),
            "vocabulary": {},
            "symbols": symbols + 1,
            "wanted": self._dataset.wanted,
        }
        write_json(folder / "dataset.json", description)
        return statistics
