"""One text column and a rating."""

from pathlib import Path
from typing import Any

import datasets
import numpy as np

from pipeline.config.schema.datasets import RatedText
from pipeline.data.kinds.base import Kind, Splits, learned, require
from pipeline.data.kinds.held_out import held_out, set_apart
from pipeline.errors import UserError
from pipeline.text.tokenizer import Tokenizer


class RatedTextKind(Kind):
    """A row's label is the place of its rating among the levels."""

    columns = counted = ("text",)

    def __init__(self, dataset: RatedText) -> None:
        self._dataset = dataset

    def needed(self) -> list[str]:
        validation = [] if self._dataset.hold_out else ["validation"]
        return ["train", *validation, *self._dataset.tests]

    def select(self, split: str, rows: datasets.Dataset, path: Path) -> datasets.Dataset:
        require(["text", "rating"], rows, path)
        levels, ratings = np.array(self._dataset.levels), np.asarray(rows["rating"])
        wrong = np.flatnonzero(~np.isin(ratings, levels))
        if len(wrong):
            raise UserError(
                f"{path}, row {wrong[0] + 1}: rating {ratings[wrong[0]]}; `levels` of the dataset names "
                f"{', '.join(map(str, levels))}; mend it or the corpus"
            )
        chosen = rows.select_columns(["text", "rating"])
        return chosen.add_column("label", np.searchsorted(levels, ratings))

    def arrange(self, splits: Splits) -> Splits:
        """Holds a validation split out where the corpus has none."""
        if not self._dataset.hold_out:
            return splits
        train = splits["train"]
        # By halves, not by level: neighbours that belong together have neighbouring ratings, not equal ones.
        halves = (2 * np.asarray(train["label"]) >= len(self._dataset.levels)).astype(np.int64)
        return set_apart(splits, held_out(train["text"], halves, self._dataset.hold_out))

    def tokenizers(self, train: datasets.Dataset) -> dict[str, Tokenizer]:
        return {"text": learned(train, ["text"], self._dataset.tokenizer)}

    def facts(self) -> dict[str, Any]:
        return {"levels": self._dataset.levels, "lowercase": self._dataset.tokenizer.lowercase}
