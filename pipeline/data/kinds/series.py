"""Channels of a series, cut into parts in order of time and scaled."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from pipeline.config.schema.datasets import Series
from pipeline.data.kinds.base import path_of
from pipeline.data.series import PARTS, write_part
from pipeline.errors import UserError
from pipeline.files import write_json

DATE = "date"
"""The corpus's column of times."""


class SeriesKind:
    def __init__(self, dataset: Series) -> None:
        self._dataset = dataset

    def write(self, raw: Path, folder: Path) -> dict[str, Any]:
        """Writes `values.npy` of each part: (hours, channels), scaled to the training part's mean 0 and
        standard deviation 1 in each channel, float32.

        Returns:
            statistics: hours, first and last date of each part, mean and scale of each channel.

        Raises:
            UserError: the series is missing or too short, a channel is missing or never changes in training.
        """
        dataset = self._dataset
        path = path_of(raw, dataset.series, "`series`")
        names = pq.read_schema(path).names
        for column in (DATE, *dataset.columns):
            if column not in names:
                raise UserError(f"{path}: has no column {column!r}; it has {', '.join(names)}")
        table = pq.read_table(path, columns=[DATE, *dataset.columns])
        hours = [getattr(dataset, part) for part in PARTS]
        if table.num_rows < sum(hours):
            raise UserError(
                f"{path}: has {table.num_rows:,} hours; train, validation and test of the dataset ask for "
                f"{sum(hours):,}; lower them"
            )
        values = np.stack([table[column].to_numpy() for column in dataset.columns], axis=1)
        mean, scale = values[: dataset.train].mean(0), values[: dataset.train].std(0)
        for column, spread in zip(dataset.columns, scale, strict=True):
            if not spread > 0:
                raise UserError(
                    f"{path}: column {column} never changes in training; leave it out of `columns`"
                )
        statistics: dict[str, Any] = {"splits": {}}
        ends = np.cumsum([0, *hours])
        for part, start, end in zip(PARTS, ends[:-1], ends[1:], strict=True):
            write_part(folder / part, ((values[start:end] - mean) / scale).astype(np.float32))
            first, last = (table[DATE][int(row)].as_py() for row in (start, end - 1))
            statistics["splits"][part] = {"rows": int(end - start), "first": first, "last": last}
        channels = {"channels": dataset.columns, "mean": mean.tolist(), "scale": scale.tolist()}
        description = {
            "kind": dataset.kind,
            "splits": dict(zip(PARTS, hours, strict=True)),
            "tests": dataset.tests,
            "columns": [],
            "vocabulary": {},
            "horizons": dataset.horizons,
        }
        write_json(folder / "dataset.json", description | channels)
        return statistics | channels
