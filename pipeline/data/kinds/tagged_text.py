"""A sentence's words and one tag for each."""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import datasets
import numpy as np

from pipeline.config.schema.datasets import TaggedText
from pipeline.data.kinds.base import CHUNK, Kind, Splits, require, texts_of
from pipeline.data.store import Ids
from pipeline.errors import UserError
from pipeline.text.tokenizer import Tokenizer
from pipeline.text.words import spelled, train_characters, train_words, word_ids

TOKENS = "tokens"
"""The corpus's column of words."""


class TaggedTextKind(Kind):
    """`characters` holds each word's spelling, all of one width, row by row of the sentence."""

    columns = ("words", "characters", "tags")
    counted = ("words",)

    def __init__(self, dataset: TaggedText) -> None:
        self._dataset = dataset
        self._numbers: dict[str, int] = {}

    def needed(self) -> list[str]:
        return ["train", "validation", *self._dataset.tests]

    def select(self, split: str, rows: datasets.Dataset, path: Path) -> datasets.Dataset:
        wanted = self._dataset.tags
        require([TOKENS, wanted], rows, path)
        for number, (words, tags) in enumerate(zip(rows[TOKENS], rows[wanted], strict=True), 1):
            if not words or len(words) != len(tags):
                raise UserError(
                    f"{path}, row {number}: {len(words)} words and {len(tags)} tags; needs as many tags as "
                    "words, at least one; mend the corpus"
                )
        return rows.select_columns([TOKENS, wanted]).rename_columns({wanted: "tags"})

    def tokenizers(self, train: datasets.Dataset) -> dict[str, Tokenizer]:
        settings = self._dataset.words.model_dump()
        return {
            "words": train_words(chain.from_iterable(texts_of(train, [TOKENS])), **settings),
            "characters": train_characters(chain.from_iterable(texts_of(train, [TOKENS]))),
        }

    def encode(
        self, tokenizers: Mapping[str, Tokenizer], rows: datasets.Dataset, column: str
    ) -> Iterator[Ids]:
        if column == "tags":
            for tags in texts_of(rows, ["tags"]):
                yield np.array([self._numbers[tag] for tag in tags], dtype=np.uint16)
            return
        for chunk in rows.select_columns([TOKENS]).iter(batch_size=CHUNK):
            sentences = chunk[TOKENS]
            words = list(chain.from_iterable(sentences))
            read = word_ids if column == "words" else spelled
            ends = np.cumsum([len(sentence) for sentence in sentences])
            for part in np.split(read(tokenizers[column], words), ends[:-1]):
                yield part.ravel()

    def facts(self) -> dict[str, Any]:
        return {"tags": list(self._numbers), "scheme": self._dataset.scheme}

    def arrange(self, splits: Splits) -> Splits:
        """Numbers the tags: those of every split, as a corpus names its tags in its documentation."""
        found = {tag for rows in splits.values() for tags in texts_of(rows, ["tags"]) for tag in tags}
        self._numbers = {tag: number for number, tag in enumerate(sorted(found))}
        return splits

    def contents(self, rows: datasets.Dataset) -> list[str]:
        return [" ".join(words) for words in rows[TOKENS]]
