"""Rows of one column as a running text."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import datasets
import numpy as np

from pipeline.config.schema.datasets import RunningText
from pipeline.data.kinds.base import Kind, require, texts_of
from pipeline.data.store import Ids
from pipeline.text.spaced import train_spaced
from pipeline.text.tokenizer import EOS, Tokenizer


class RunningTextKind(Kind):
    columns = counted = ("text",)

    def __init__(self, dataset: RunningText) -> None:
        self._dataset = dataset

    def needed(self) -> list[str]:
        return ["train", "validation", *self._dataset.tests]

    def select(self, split: str, rows: datasets.Dataset, path: Path) -> datasets.Dataset:
        require([self._dataset.column], rows, path)
        rows = rows.select_columns([self._dataset.column])
        return rows if self._dataset.column == "text" else rows.rename_column(self._dataset.column, "text")

    def tokenizers(self, train: datasets.Dataset) -> dict[str, Tokenizer]:
        settings = self._dataset.tokenizer.model_dump()
        if settings.pop("kind") == "spaces":
            return {"text": train_spaced(texts_of(train, ["text"]), **settings)}
        whole = self._dataset.tokenizer.model_dump()
        return {"text": Tokenizer.train(texts_of(train, ["text"]), **whole)}

    def encode(
        self, tokenizers: Mapping[str, Tokenizer], rows: datasets.Dataset, column: str
    ) -> Iterator[Ids]:
        """Each row's tokens and the end of its line."""
        for ids in super().encode(tokenizers, rows, column):
            yield np.append(ids, np.uint16(EOS))

    def facts(self) -> dict[str, Any]:
        return {"lowercase": self._dataset.tokenizer.lowercase}
