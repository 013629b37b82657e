"""The one form in which every corpus is stored: checked Parquet, whose bytes depend on its content only."""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import UserError
from pipeline.files import sha256_of_bytes

BLOCK_ROWS = 4096


@dataclass(frozen=True)
class Split:
    """One split as its corpus promises it."""

    name: str
    schema: pa.Schema
    rows: int | None = None
    """As published; None where parameters decide."""
    values: Mapping[str, frozenset[int] | frozenset[str]] = field(default_factory=dict)
    """Numbers or texts that a column, or the lists in it, may hold."""
    items: int | None = None
    """Length of every list in list columns."""
    parallel: tuple[str, ...] = ()
    """List columns whose lists are of equal length in each row, one item a word."""
    optional: tuple[str, ...] = ()
    """Columns that not every release has."""


def text_schema(*texts: str, **integers: pa.DataType) -> pa.Schema:
    """Columns of text first, then numbers of the given types."""
    return pa.schema([(name, pa.string()) for name in texts] + list(integers.items()))


def write(table: pa.Table, path: Path) -> None:
    """Writes Parquet with fixed settings; equal content gives equal bytes (for one release of pyarrow)."""
    pq.write_table(
        table.combine_chunks(),
        path,
        row_group_size=16_384,
        compression="zstd",
        compression_level=3,
        version="2.6",
        store_schema=False,
    )


def digest(table: pa.Table) -> str:
    """SHA-256 of the rows as lines of JSON under a line with the columns, so anyone can recompute it.

    A double is written with the fewest digits that give it back, as Python's `repr` does; of bytes that are
    no text, their SHA-256 is written.
    """
    sha = hashlib.sha256()
    sha.update(_line([[column.name, _type_name(column.type)] for column in table.schema]))
    for block in table.to_batches(max_chunksize=BLOCK_ROWS):
        for row in zip(*(column.to_pylist() for column in block.columns), strict=True):
            sha.update(_line(row))
    return sha.hexdigest()


def _line(value: Any) -> bytes:
    return (
        json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=sha256_of_bytes).encode() + b"\n"
    )


def _type_name(kind: pa.DataType) -> str:
    return f"list<{kind.value_type}>" if pa.types.is_list(kind) else str(kind)


def read(path: Path, where: str) -> pa.Table:
    """Reads a Parquet file that somebody else wrote.

    Raises:
        UserError: it is no Parquet file or breaks off.
    """
    try:
        return pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise UserError(f"{where}: truncated or not Parquet ({reason}); fetch it again") from error


def checked(table: pa.Table, split: Split, where: str) -> pa.Table:
    """The table in its canonical schema and row order.

    Raises:
        UserError: names file and row (from 0) of the first wrong column, missing value, text that is empty
            or not UTF-8, value that isn't allowed or no finite number, empty list or list of wrong length, or
            the number of rows.
    """
    lacking = {name for name in split.optional if name not in table.column_names}
    schema = pa.schema([field for field in split.schema if field.name not in lacking])
    if table.column_names != schema.names:
        found, needed = ", ".join(table.column_names) or "none", ", ".join(split.schema.names)
        raise UserError(f"{where}: columns are {found}; needs {needed} in this order; fetch it again")
    for column, kind in zip(table.schema, schema.types, strict=True):
        if _type_name(column.type) != _type_name(kind):
            raise UserError(
                f"{where}: column {column.name} holds {_type_name(column.type)}; needs {_type_name(kind)}"
            )
    if split.rows is not None and table.num_rows != split.rows:
        raise UserError(f"{where}: has {table.num_rows:,} rows; needs {split.rows:,}; fetch it again")
    for name in table.column_names:
        is_text = not pa.types.is_binary(schema.field(name).type)
        for row, value in _rows(table[name]):
            if fault := _fault(value, name, split) if is_text else _file_fault(value):
                place = f"{where}, row {row} (from 0), column {name}"
                raise UserError(f"{place}: {fault}; fetch it again")
    _check_parallel(table, split, where)
    return table.cast(schema).replace_schema_metadata(None).combine_chunks()


def _rows(column: pa.ChunkedArray) -> Iterator[tuple[int, Any]]:
    """Row number and value; texts as bytes, since Parquet vouches for no encoding."""
    kind: pa.DataType = column.type
    if pa.types.is_string(kind):
        column = column.cast(pa.binary())
    elif pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
        column = column.cast(pa.list_(pa.binary()))
    row = 0
    for chunk in column.chunks:
        for start in range(0, len(chunk), BLOCK_ROWS):
            for value in chunk.slice(start, BLOCK_ROWS).to_pylist():
                yield row, value
                row += 1


def _check_parallel(table: pa.Table, split: Split, where: str) -> None:
    if not split.parallel:
        return
    first, *others = split.parallel
    lengths = {name: pc.list_value_length(table[name]).to_pylist() for name in split.parallel}
    for row, needed in enumerate(lengths[first]):
        for name in others:
            if (found := lengths[name][row]) != needed:
                place = f"{where}, row {row} (from 0), column {name}"
                raise UserError(f"{place}: holds {found} items, needs {needed} as {first}; fetch it again")


def _fault(value: Any, name: str, split: Split) -> str | None:
    match value:
        case None:
            return "has no value"
        case bytes():
            return _text_fault(value) or _value_fault(value.decode(), name, split)
        case list():
            if split.items is not None and len(value) != split.items:
                return f"holds {len(value)} items, needs {split.items}"
            if not value:
                return "holds no items"
            return next((fault for item in value if (fault := _fault(item, name, split))), None)
        case int():
            return _value_fault(value, name, split)
        case float() if not math.isfinite(value):
            return f"is {value}, no finite number"
    return None


def _file_fault(content: bytes | None) -> str | None:
    return None if content else "has no value"


def _value_fault(value: int | str, name: str, split: Split) -> str | None:
    if name not in split.values or value in split.values[name]:
        return None
    return f"{value} is not one of {', '.join(map(str, sorted(split.values[name])))}"


def _text_fault(text: bytes) -> str | None:
    try:
        return None if text.decode().strip() else "is empty"
    except UnicodeDecodeError as error:
        return f"is not UTF-8 (byte {error.start})"


def store(tables: Iterable[tuple[Split, pa.Table]], folder: Path) -> dict[str, dict[str, Any]]:
    """Writes SPLIT.parquet files and returns rows, columns and digest of each split."""
    facts = {}
    for split, table in tables:
        write(table, folder / f"{split.name}.parquet")
        facts[split.name] = {"rows": table.num_rows, "columns": table.column_names, "sha256": digest(table)}
    return facts
