"""Raw corpus -> prepared dataset: splits, tokenizers of the training split, token store, statistics."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow.parquet as pq

from pipeline.config.schema import Dataset, LabelledText, TextPairs
from pipeline.data.store import TokenColumn, write_column
from pipeline.errors import UserError
from pipeline.files import atomic_folder, write_json
from pipeline.text.tokenizer import UNK, Tokenizer

CHUNK = 1000
"""Rows tokenised at a time: keeps memory flat."""
RUNS = 20
"""Places of the training split that held-out rows come from."""
Labels = np.ndarray[Any, np.dtype[np.int64]]


def prepare(dataset: Dataset, raw: Path, folder: Path) -> dict[str, Any]:
    """Writes the prepared dataset to `folder` from the canonical Parquet files in `raw`.

    Returns:
        statistics: rows, tokens, lengths, unknown words by split and column, overlaps of splits, vocabulary.

    Raises:
        UserError: a split or a column that the corpus doesn't have.
    """
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache, atomic_folder(folder) as part:
        splits = _read(dataset, raw, Path(cache))
        columns = ["text"] if isinstance(dataset, LabelledText) else ["source", "target"]
        tokenizers = _tokenizers(dataset, splits["train"])
        for column in columns:
            (part / f"{column}.tokenizer.json").write_text(tokenizers[column].to_json(), encoding="utf-8")
        statistics: dict[str, Any] = {"splits": {}}
        for name, rows in splits.items():
            (part / name).mkdir()
            # 500 rows a group keep a reader's memory small.
            pq.write_table(rows.with_format("arrow")[:], part / name / "rows.parquet", row_group_size=500)
            for column in columns:
                write_column(part / name, column, list(_encoded(tokenizers[column], rows, column)))
            if "label" in rows.column_names:
                np.save(part / name / "label.npy", np.asarray(rows["label"], dtype=np.int64))
            statistics["splits"][name] = _statistics(part / name, columns)
        vocabulary = {column: tokenizers[column].size for column in columns}
        write_json(part / "dataset.json", _description(dataset, splits, columns, vocabulary))
        statistics |= {"vocabulary": vocabulary, "overlaps": _overlaps(splits, columns[0])}
    return statistics


def _read(dataset: Dataset, raw: Path, cache: Path) -> dict[str, datasets.Dataset]:
    """Every split that training and evaluation need, with our column names."""
    if isinstance(dataset, LabelledText):
        validation = [] if dataset.hold_out else ["validation"]
        wanted = ["train", *validation, *dataset.tests, *dataset.unlabelled]
    else:
        wanted = ["train", "validation", *dataset.tests]
    splits = {}
    for name in wanted:
        path = raw / f"{name}.parquet"
        if not path.exists():
            has = ", ".join(sorted(file.stem for file in raw.glob("*.parquet"))) or "nothing"
            raise UserError(
                f"{raw}: has no split {name!r}; it has {has}; mend `tests` or `hold_out` of the dataset"
            )
        rows = datasets.Dataset.from_parquet(str(path), cache_dir=str(cache), split=name)
        splits[name] = _columns(dataset, rows, path)
        if isinstance(dataset, LabelledText) and name not in dataset.unlabelled:
            _check_labels(np.asarray(splits[name]["label"]), len(dataset.classes), path)
    if isinstance(dataset, LabelledText) and dataset.hold_out:
        labels = np.asarray(splits["train"]["label"])
        held = _held_out(list(splits["train"]["text"]), labels, dataset.hold_out)
        everything = splits["train"]
        splits["train"] = everything.select(np.flatnonzero(~held))
        splits = {
            "train": splits.pop("train"),
            "validation": everything.select(np.flatnonzero(held)),
            **splits,
        }
    return splits


def _columns(dataset: Dataset, rows: datasets.Dataset, path: Path) -> datasets.Dataset:
    wanted = ["text", "label"] if isinstance(dataset, LabelledText) else [dataset.source, dataset.target]
    for column in wanted:
        if column not in rows.column_names:
            raise UserError(f"{path}: has no column {column!r}; it has {', '.join(rows.column_names)}")
    if isinstance(dataset, LabelledText):
        return rows.select_columns(wanted)
    references = f"{dataset.target}_references"
    if references not in rows.column_names:
        rows = rows.add_column(references, [[target] for target in rows[dataset.target]])
    rows = rows.select_columns([*wanted, references])
    return rows.rename_columns({dataset.source: "source", dataset.target: "target", references: "references"})


def _check_labels(labels: Labels, classes: int, path: Path) -> None:
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        raise UserError(
            f"{path}, row {wrong[0] + 1}: label {labels[wrong[0]]}; "
            f"`classes` of the dataset names 0 to {classes - 1}; mend it or the corpus"
        )


def _held_out(texts: Sequence[str], labels: Labels, count: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Chooses about `count` rows, of every class its share, as runs of neighbours; equal texts go together.

    Neighbours in a corpus often belong together: IMDB's reviews of one film stand side by side. With some of
    them in training, validation would flatter.
    """
    run = max(1, count // RUNS)
    chosen: set[str] = set()
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        runs = [rows[start : start + run] for start in range(0, len(rows), run)]
        runs.sort(key=lambda run: hashlib.sha256(texts[run[0]].encode()).digest())
        wanted = min(round(count * len(rows) / len(labels)), len(rows) - 1)
        for row in np.concatenate(runs)[:wanted]:
            chosen.add(texts[row])
    return np.array([text in chosen for text in texts])


def _tokenizers(dataset: Dataset, train: datasets.Dataset) -> dict[str, Tokenizer]:
    settings = dataset.tokenizer.model_dump()
    if isinstance(dataset, LabelledText):
        return {"text": Tokenizer.train(_texts(train, ["text"]), **settings)}
    if dataset.joint_vocabulary:
        joint = Tokenizer.train(_texts(train, ["source", "target"]), **settings)
        return {"source": joint, "target": joint}
    return {side: Tokenizer.train(_texts(train, [side]), **settings) for side in ("source", "target")}


def _texts(rows: datasets.Dataset, columns: list[str]) -> Iterator[str]:
    for chunk in rows.select_columns(columns).iter(batch_size=CHUNK):
        for column in columns:
            yield from chunk[column]


def _encoded(tokenizer: Tokenizer, rows: datasets.Dataset, column: str) -> Iterator[np.ndarray[Any, Any]]:
    for chunk in rows.select_columns([column]).iter(batch_size=CHUNK):
        for ids in tokenizer.encode_batch(chunk[column]):
            yield np.array(ids, dtype=np.uint16)


def _description(
    dataset: Dataset, splits: dict[str, datasets.Dataset], columns: list[str], vocabulary: dict[str, int]
) -> dict[str, Any]:
    common = {
        "kind": dataset.kind,
        "splits": {name: len(rows) for name, rows in splits.items()},
        "tests": dataset.tests,
        "columns": columns,
        "vocabulary": vocabulary,
        "lowercase": dataset.tokenizer.lowercase,
    }
    if isinstance(dataset, TextPairs):
        pair = {
            "source": dataset.source,
            "target": dataset.target,
            "joint_vocabulary": dataset.joint_vocabulary,
        }
        return common | pair
    return common | {"classes": dataset.classes}


def _statistics(folder: Path, columns: list[str]) -> dict[str, Any]:
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


def _overlaps(splits: dict[str, datasets.Dataset], column: str) -> list[dict[str, Any]]:
    """Rows of each later split whose text also stands in the training split."""
    train = set(splits["train"][column])
    return [
        {"splits": ["train", name], "rows": sum(text in train for text in rows[column])}
        for name, rows in splits.items()
        if name != "train"
    ]
