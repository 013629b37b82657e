"""A source and a target sentence per row, and one or more references."""

from pathlib import Path
from typing import Any

import datasets

from pipeline.config.schema.datasets import TextPairs
from pipeline.data.kinds.base import Kind, Splits, require, sides
from pipeline.data.kinds.joined import SUFFIX, with_long_pairs
from pipeline.data.kinds.pool import drawn
from pipeline.text.tokenizer import Tokenizer


class TextPairsKind(Kind):
    columns = counted = ("source", "target")

    def __init__(self, dataset: TextPairs) -> None:
        self._dataset = dataset

    def needed(self) -> list[str]:
        if self._dataset.pool:
            return [self._dataset.pool.split]
        return ["train", "validation", *self._dataset.tests]

    def select(self, split: str, rows: datasets.Dataset, path: Path) -> datasets.Dataset:
        """With gold links, a text for each reference, where the corpus has them."""
        source, target = self._dataset.source, self._dataset.target
        parent = self._dataset.parent if split == "train" else None
        require([source, target, *([parent] if parent else [])], rows, path)
        references = f"{target}_references"
        if references not in rows.column_names:
            rows = rows.add_column(references, [[sentence] for sentence in rows[target]])
        names = {source: "source", target: "target", references: "references"}
        if (links := f"{target}_links") in rows.column_names:
            names[links] = "links"
        if parent:
            names[parent] = "parent"
        return rows.select_columns(list(names)).rename_columns(names)

    def arrange(self, splits: Splits) -> Splits:
        """Draws the splits where the corpus has only one, and joins pairs where long ones are wanted."""
        pool, joined = self._dataset.pool, self._dataset.joined
        if pool:
            splits = drawn(splits[pool.split], pool)
        if self._dataset.parent:
            splits["parent"] = _parents(splits["train"])
        return with_long_pairs(splits, self._dataset.tests, joined) if joined else splits

    def tests(self) -> list[str]:
        """The dataset's, then those of long pairs."""
        names = self._dataset.tests
        return [*names, *(f"{name}{SUFFIX}" for name in names)] if self._dataset.joined else list(names)

    def tokenizers(self, train: datasets.Dataset) -> dict[str, Tokenizer]:
        more = ["parent"] if self._dataset.parent else []
        return sides(train, self._dataset.tokenizer, joint=self._dataset.joint_vocabulary, more=more)

    def _overlaps(self, splits: Splits) -> list[dict[str, Any]]:
        """A parent's sources are training's by intent."""
        return super()._overlaps({name: rows for name, rows in splits.items() if name != "parent"})

    def facts(self) -> dict[str, Any]:
        return {
            "source": self._dataset.source,
            "target": self._dataset.target,
            "joint_vocabulary": self._dataset.joint_vocabulary,
            "lowercase": self._dataset.tokenizer.lowercase,
        }


def _parents(train: datasets.Dataset) -> datasets.Dataset:
    """The training's sources with their translations into the parent language, one reference each."""
    rows = train.select_columns(["source", "parent"]).rename_column("parent", "target")
    return rows.add_column("references", [[sentence] for sentence in rows["target"]])
