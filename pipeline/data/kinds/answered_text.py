"""A source and a target text per row, and the group that the row belongs to."""

import hashlib
from collections import defaultdict
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import datasets
import numpy as np

from pipeline.config.schema.datasets import AnsweredText
from pipeline.data.kinds.base import Kind, Splits, require, sides
from pipeline.data.kinds.held_out import Chosen, set_apart
from pipeline.data.kinds.pool import drawn
from pipeline.text.sentences import bare
from pipeline.text.tokenizer import Tokenizer

UNIT = "unit"
"""Column of what is held out together; none of the prepared dataset."""


class AnsweredTextKind(Kind):
    columns = counted = ("source", "target")

    def __init__(self, dataset: AnsweredText) -> None:
        self._dataset = dataset
        self._left_out = 0

    def needed(self) -> list[str]:
        if self._dataset.pool:
            return [self._dataset.pool.split]
        validation = [] if self._dataset.hold_out else ["validation"]
        return ["train", *validation, *self._dataset.tests]

    def select(self, split: str, rows: datasets.Dataset, path: Path) -> datasets.Dataset:
        read, target, group = self._dataset.source, self._dataset.target, self._dataset.group
        together = self._dataset.together
        require([*read, target, *([group] if group else []), *together], rows, path)

        def row(raw: dict[str, Any]) -> dict[str, Any]:
            kept = {
                "source": " ".join(_text(raw[column]) for column in read),
                "target": raw[target],
                "references": [raw[target]],
            }
            if group:
                kept["group"] = str(raw[group])
            return kept | {UNIT: repr([raw[column] for column in together])}

        return datasets.Dataset.from_list([row(raw) for raw in rows])

    def arrange(self, splits: Splits) -> Splits:
        """Draws or holds out what the corpus lacks, and frees training of what the other splits have."""
        dataset = self._dataset
        if dataset.pool:
            splits = drawn(splits[dataset.pool.split], dataset.pool)
        elif dataset.hold_out:
            others = [rows for name, rows in splits.items() if name != "train"]
            splits["train"] = self._freed(splits["train"], others)
            splits = set_apart(splits, _held_out(splits["train"], dataset.hold_out))
        others = [rows for name, rows in splits.items() if name != "train"]
        splits["train"] = self._freed(splits["train"], others)
        return {name: rows.remove_columns([UNIT]) for name, rows in splits.items()}

    def tokenizers(self, train: datasets.Dataset) -> dict[str, Tokenizer]:
        return sides(train, self._dataset.tokenizer, joint=self._dataset.joint_vocabulary)

    def facts(self) -> dict[str, Any]:
        return {
            "source": " + ".join(self._dataset.source),
            "target": self._dataset.target,
            "measure": self._dataset.measure,
            "joint_vocabulary": self._dataset.joint_vocabulary,
            "lowercase": self._dataset.tokenizer.lowercase,
        }

    def contents(self, rows: datasets.Dataset) -> list[str]:
        """Source and target, capitals and marks aside."""
        return [f"{bare(row['source'])} {bare(row['target'])}" for row in rows]

    def write(self, raw: Path, folder: Path) -> dict[str, Any]:
        """As all kinds do; `left_out`: training rows that aren't used, because other splits have them."""
        return super().write(raw, folder) | {"left_out": self._left_out}

    def _freed(self, train: datasets.Dataset, others: list[datasets.Dataset]) -> datasets.Dataset:
        seen = {content for rows in others for content in self.contents(rows)}
        gone = np.array([content in seen for content in self.contents(train)], dtype=bool)
        if self._dataset.left_out == "units":
            units = np.array(train[UNIT])
            gone = np.isin(units, units[gone])
        kept = np.flatnonzero(~gone)
        self._left_out += len(train) - len(kept)
        return train.select(kept)


def _text(cell: str | list[str]) -> str:
    return cell if isinstance(cell, str) else " ".join(cell)


def _held_out(rows: datasets.Dataset, count: int) -> Chosen:
    """About `count` rows, of every group its share, as whole units.

    Two questions about one story have most of their words in common: one in training would help the other.
    Digests of the units decide.
    """
    groups = rows["group"] if "group" in rows.column_names else [""] * len(rows)
    units: defaultdict[Hashable, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, (group, unit) in enumerate(zip(groups, rows[UNIT], strict=True)):
        units[group][unit].append(place)
    held = np.zeros(len(rows), dtype=bool)
    for own in units.values():
        left = round(count * sum(map(len, own.values())) / len(rows))
        for unit in sorted(own, key=lambda unit: hashlib.sha256(unit.encode()).digest()):
            if left <= 0:
                break
            held[own[unit]] = True
            left -= len(own[unit])
    return held
