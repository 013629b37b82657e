"""Raw corpus -> prepared dataset: splits, tokenizers of the training split, token store, statistics."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow.parquet as pq

from pipeline.config.schema.datasets import Dataset
from pipeline.data.kinds import kind_of
from pipeline.data.kinds.base import Kind, Splits
from pipeline.data.store import TokenColumn, write_column
from pipeline.errors import UserError
from pipeline.files import atomic_folder, write_json
from pipeline.text.tokenizer import UNK


def prepare(dataset: Dataset, raw: Path, folder: Path) -> dict[str, Any]:
    """Writes the prepared dataset to `folder` from the canonical Parquet files in `raw`.

    Returns:
        statistics: rows, tokens, lengths, unknown words by split and column, overlaps of splits, vocabulary.

    Raises:
        UserError: a split or a column that the corpus doesn't have, or a label that isn't one.
    """
    datasets.disable_progress_bars()
    kind = kind_of(dataset)
    with tempfile.TemporaryDirectory() as cache, atomic_folder(folder) as part:
        splits = kind.arrange(_read(kind, raw, Path(cache)))
        tokenizers = kind.tokenizers(splits["train"])
        for column, tokenizer in tokenizers.items():
            (part / f"{column}.tokenizer.json").write_text(tokenizer.to_json(), encoding="utf-8")
        statistics: dict[str, Any] = {"splits": {}}
        for name, rows in splits.items():
            (part / name).mkdir()
            # 500 rows a group keep a reader's memory small.
            pq.write_table(rows.with_format("arrow")[:], part / name / "rows.parquet", row_group_size=500)
            for column in kind.columns:
                write_column(part / name, column, list(kind.encode(tokenizers, rows, column)))
            if "label" in rows.column_names:
                np.save(part / name / "label.npy", np.asarray(rows["label"], dtype=np.int64))
            statistics["splits"][name] = _statistics(part / name, kind.counted)
        vocabulary = {column: tokenizer.size for column, tokenizer in tokenizers.items()}
        description = {
            "kind": dataset.kind,
            "splits": {name: len(rows) for name, rows in splits.items()},
            "tests": dataset.tests,
            "columns": list(kind.columns),
            "vocabulary": vocabulary,
        }
        write_json(part / "dataset.json", description | kind.facts())
        statistics |= {"vocabulary": vocabulary, "overlaps": _overlaps(kind, splits)}
    return statistics


def _read(kind: Kind, raw: Path, cache: Path) -> Splits:
    """Every split that training and evaluation need, with our column names."""
    splits = {}
    for name in kind.needed():
        path = raw / f"{name}.parquet"
        if not path.exists():
            has = ", ".join(sorted(file.stem for file in raw.glob("*.parquet"))) or "nothing"
            raise UserError(
                f"{raw}: has no split {name!r}; it has {has}; "
                "mend `tests`, `hold_out` or `pool` of the dataset"
            )
        rows = datasets.Dataset.from_parquet(str(path), cache_dir=str(cache), split=name)
        splits[name] = kind.select(name, rows, path)
    return splits


def _statistics(folder: Path, columns: Sequence[str]) -> dict[str, Any]:
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


def _overlaps(kind: Kind, splits: Splits) -> list[dict[str, Any]]:
    """Rows of each later split that also stand in the training split."""
    train = set(kind.contents(splits["train"]))
    return [
        {"splits": ["train", name], "rows": sum(content in train for content in kind.contents(rows))}
        for name, rows in splits.items()
        if name != "train"
    ]
