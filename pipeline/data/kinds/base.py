"""Datasets of tokens: splits, tokenizers of the training split, token store, statistics."""

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow.parquet as pq

from pipeline.config.schema.datasets import Tokenizer as TokenizerSettings
from pipeline.data.store import Ids, TokenColumn, write_column
from pipeline.errors import UserError
from pipeline.files import write_json
from pipeline.text.tokenizer import UNK, Tokenizer

CHUNK = 1000
"""Rows tokenised at a time: keeps memory flat."""
Splits = dict[str, datasets.Dataset]


class Kind(ABC):
    """How raw columns become token columns."""

    columns: tuple[str, ...]
    """Names of the token columns; the first one measures a row."""
    counted: tuple[str, ...]
    """Those that statistics describe."""
    _dataset: Any
    """The dataset's block in params."""

    @abstractmethod
    def needed(self) -> list[str]:
        """Splits of the corpus, training first."""

    @abstractmethod
    def select(self, split: str, rows: datasets.Dataset, path: Path) -> datasets.Dataset:
        """The columns that are kept, under our names.

        Raises:
            UserError: a column is missing or holds what it may not.
        """

    def arrange(self, splits: Splits) -> Splits:
        """The splits as they are used; called once, before all that follows, with every one of them."""
        return splits

    def tests(self) -> list[str]:
        """Test splits, the headline one first."""
        return list(self._dataset.tests)

    @abstractmethod
    def tokenizers(self, train: datasets.Dataset) -> dict[str, Tokenizer]:
        """By token column, learned from the training split."""

    def encode(
        self, tokenizers: Mapping[str, Tokenizer], rows: datasets.Dataset, column: str
    ) -> Iterator[Ids]:
        """Token ids of every row."""
        for chunk in rows.select_columns([column]).iter(batch_size=CHUNK):
            for ids in tokenizers[column].encode_batch(chunk[column]):
                yield np.array(ids, dtype=np.uint16)

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """What models and evaluation must know beyond the vocabulary's size."""

    def contents(self, rows: datasets.Dataset) -> list[str]:
        """What of each row makes two rows the same."""
        return list(rows[self.columns[0]])

    def write(self, raw: Path, folder: Path) -> dict[str, Any]:
        """Writes the prepared dataset: tokenizers, and by split the token columns and the raw rows.

        Returns:
            statistics: rows, tokens, lengths, unknown words by split and column, overlaps of splits,
                vocabulary.
        """
        datasets.disable_progress_bars()
        with tempfile.TemporaryDirectory() as cache:
            splits = self.arrange(self._read(raw, Path(cache)))
            tokenizers = self.tokenizers(splits["train"])
            for column, tokenizer in tokenizers.items():
                (folder / f"{column}.tokenizer.json").write_text(tokenizer.to_json(), encoding="utf-8")
            found: dict[str, Any] = {"splits": {}}
            for name, rows in splits.items():
                (folder / name).mkdir()
                # 500 rows a group keep a reader's memory small.
                pq.write_table(
                    rows.with_format("arrow")[:], folder / name / "rows.parquet", row_group_size=500
                )
                for column in self.columns:
                    write_column(folder / name, column, list(self.encode(tokenizers, rows, column)))
                if "label" in rows.column_names:
                    np.save(folder / name / "label.npy", np.asarray(rows["label"], dtype=np.int64))
                found["splits"][name] = statistics(folder / name, self.counted)
            vocabulary = {column: tokenizer.size for column, tokenizer in tokenizers.items()}
            description = {
                "kind": self._dataset.kind,
                "splits": {name: len(rows) for name, rows in splits.items()},
                "tests": self.tests(),
                "columns": list(self.columns),
                "vocabulary": vocabulary,
            }
            write_json(folder / "dataset.json", description | self.facts())
            return found | {"vocabulary": vocabulary, "overlaps": self._overlaps(splits)}

    def _read(self, raw: Path, cache: Path) -> Splits:
        """Every split that training and evaluation need, with our column names."""
        splits = {}
        for name in self.needed():
            path = path_of(raw, name, "`tests`, `hold_out` or `pool`")
            rows = datasets.Dataset.from_parquet(str(path), cache_dir=str(cache), split=name)
            splits[name] = self.select(name, rows, path)
        return splits

    def _overlaps(self, splits: Splits) -> list[dict[str, Any]]:
        """Rows of each later split that also stand in the training split."""
        train = set(self.contents(splits["train"]))
        return [
            {"splits": ["train", name], "rows": sum(content in train for content in self.contents(rows))}
            for name, rows in splits.items()
            if name != "train"
        ]


def statistics(folder: Path, columns: Sequence[str]) -> dict[str, Any]:
    stores = {column: TokenColumn(folder, column) for column in columns}
    flat = {column: np.load(folder / f"{column}.tokens.npy", mmap_mode="r") for column in columns}
    quantiles = {"p5": 0.05, "p50": 0.5, "p95": 0.95, "max": 1.0}
    return {
        "rows": len(stores[columns[0]]),
        "tokens": {column: len(flat[column]) for column in columns},
        "length_quantiles": {
            column: {name: float(np.quantile(store.lengths, q)) for name, q in quantiles.items()}
            for column, store in stores.items()
        },
        "unknown_share": {column: float(np.mean(flat[column] == UNK)) for column in columns},
    }


def path_of(raw: Path, split: str, settings: str) -> Path:
    """The file of a corpus's split, which these settings of the dataset ask for.

    Raises:
        UserError: the corpus has no such split.
    """
    path = raw / f"{split}.parquet"
    if not path.exists():
        has = ", ".join(sorted(file.stem for file in raw.glob("*.parquet"))) or "nothing"
        raise UserError(f"{raw}: has no split {split!r}; it has {has}; mend {settings} of the dataset")
    return path


def require(columns: list[str], rows: datasets.Dataset, path: Path) -> None:
    for column in columns:
        if column not in rows.column_names:
            raise UserError(f"{path}: has no column {column!r}; it has {', '.join(rows.column_names)}")


def texts_of(rows: datasets.Dataset, columns: list[str]) -> Iterator[Any]:
    """Cells of the columns, chunk by chunk."""
    for chunk in rows.select_columns(columns).iter(batch_size=CHUNK):
        for column in columns:
            yield from chunk[column]


def learned(train: datasets.Dataset, columns: list[str], settings: TokenizerSettings) -> Tokenizer:
    """A tokenizer of the texts of these columns."""
    return Tokenizer.train(texts_of(train, columns), **settings.model_dump())


def sides(
    train: datasets.Dataset, settings: TokenizerSettings, *, joint: bool, more: Sequence[str] = ()
) -> dict[str, Tokenizer]:
    """Tokenizers of the columns source and target: one of both together, or one each.

    `more`: columns whose texts the target's has to know as well.
    """
    targets = ["target", *more]
    if joint:
        return dict.fromkeys(("source", "target"), learned(train, ["source", *targets], settings))
    return {"source": learned(train, ["source"], settings), "target": learned(train, targets, settings)}
