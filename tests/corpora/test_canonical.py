import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.corpora import canonical
from pipeline.corpora.canonical import Split, checked, text_schema
from pipeline.errors import UserError

SPLIT = Split("train", text_schema("text", label=pa.int64()), 3, {"label": frozenset({0, 1})})
LISTS = Split("refs", pa.schema([("en", pa.list_(pa.string()))]), 2, items=2)


def _table(texts: list[Any] | pa.Array = ("a", "é", "c"), labels: tuple[Any, ...] = (0, 1, 0)) -> pa.Table:
    texts = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    return pa.table({"text": texts, "label": pa.array(labels, pa.int64())})


def test_equal_content_gives_equal_bytes_and_digest_however_it_is_chunked(tmp_path: Path) -> None:
    whole = _table()
    pieces = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 2)])
    for name, table in {"whole": whole, "pieces": pieces}.items():
        canonical.write(checked(table, SPLIT, "here"), tmp_path / name)
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "pieces").read_bytes()
    assert (
        canonical.digest(whole)
        == canonical.digest(pieces)
        == canonical.digest(pq.read_table(tmp_path / "whole"))
    )


def test_digest_is_what_its_docstring_says() -> None:
    lines = '[["text","string"],["label","int64"]]\n["a",0]\n["é",1]\n["c",0]\n'
    assert canonical.digest(_table()) == hashlib.sha256(lines.encode()).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        _table(labels=(0, 1, 1)),
        _table(["a", "é", "d"]),
        _table(["é", "a", "c"]),
        _table().rename_columns(["text", "rating"]),
        _table().set_column(1, "label", pa.array([0, 1, 0], pa.int8())),
    ],
)
def test_digest_sees_values_order_names_and_types(other: pa.Table) -> None:
    assert canonical.digest(other) != canonical.digest(_table())


def _not_utf8() -> pa.Array:
    binary = pa.array([b"a", b"b\xff", b"c"], pa.binary())
    return pa.Array.from_buffers(pa.string(), 3, binary.buffers())


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (_table().drop_columns("label"), r"file: columns are text; needs text, label in this order"),
        (_table().set_column(1, "label", pa.array([0.0, 1, 0])), r"column label holds double; needs int64"),
        (_table().slice(0, 2), r"has 2 rows; needs 3"),
        (_table(["a", " \n", "c"]), r"file, row 1 \(from 0\), column text: is empty"),
        (_table(["a", "b", None]), r"row 2 \(from 0\), column text: has no value"),
        (_table(_not_utf8()), r"row 1 \(from 0\), column text: is not UTF-8 \(byte 1\)"),
        (_table(labels=(0, 1, 2)), r"row 2 \(from 0\), column label: 2 is not one of 0, 1"),
    ],
)
def test_faults_are_named_with_file_and_row(table: pa.Table, message: str) -> None:
    with pytest.raises(UserError, match=message):
        checked(table, SPLIT, "file")


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ([["a", "b"], ["c"]], r"row 1 \(from 0\), column en: holds 1 items, needs 2"),
        ([["a", ""], ["c", "d"]], r"row 0 \(from 0\), column en: is empty"),
    ],
)
def test_faults_in_lists(lists: list[list[str]], message: str) -> None:
    with pytest.raises(UserError, match=message):
        checked(pa.table({"en": lists}), LISTS, "file")


WORDS = Split(
    "tagged",
    pa.schema([(name, pa.list_(pa.string())) for name in ("tokens", "upos", "free")]),
    values={"upos": frozenset({"X", "Y"})},
    parallel=("tokens", "upos"),
)


def test_parallel_lists_are_equally_long_and_others_may_differ() -> None:
    table = pa.table(
        {"tokens": [["a", "b"], ["c"]], "upos": [["X", "Y"], ["X"]], "free": [["p"], ["q", "r"]]}
    )
    assert checked(table, WORDS, "file").to_pylist() == table.to_pylist()


@pytest.mark.parametrize(
    ("tokens", "upos", "message"),
    [
        (
            [["a"], ["b", "c"]],
            [["X"], ["Y"]],
            r"row 1 \(from 0\), column upos: holds 1 items, needs 2 as tokens",
        ),
        (
            [["a"], ["b"]],
            [["X"], ["Y", "X"]],
            r"row 1 \(from 0\), column upos: holds 2 items, needs 1 as tokens",
        ),
        ([["a"], []], [["X"], []], r"row 1 \(from 0\), column tokens: holds no items"),
        ([["a"], ["b"]], [["X"], ["Z"]], r"row 1 \(from 0\), column upos: Z is not one of X, Y"),
        ([["a"], ["b"]], [["X"], None], r"row 1 \(from 0\), column upos: has no value"),
    ],
)
def test_faults_in_parallel_lists(tokens: list[Any], upos: list[Any], message: str) -> None:
    table = pa.table(
        {"tokens": pa.array(tokens, pa.list_(pa.string())), "upos": upos, "free": [["p"], ["q"]]}
    )
    with pytest.raises(UserError, match=message):
        checked(table, WORDS, "file")


def test_texts_that_a_column_may_hold() -> None:
    split = Split("train", text_schema("text"), values={"text": frozenset({"a", "é"})})
    assert checked(pa.table({"text": ["é", "a"]}), split, "file").num_rows == 2
    with pytest.raises(UserError, match=r"row 1 \(from 0\), column text: e is not one of a, é"):
        checked(pa.table({"text": ["é", "e"]}), split, "file")


def test_a_column_that_not_every_release_has() -> None:
    split = Split("train", text_schema("text", "by"), optional=("by",))
    for table in (pa.table({"text": ["a"]}), pa.table({"text": ["a"], "by": ["me"]})):
        assert checked(table, split, "file").to_pylist() == table.to_pylist()
    with pytest.raises(UserError, match="columns are by; needs text, by in this order"):
        checked(pa.table({"by": ["me"]}), split, "file")
    with pytest.raises(UserError, match="column by: is empty"):
        checked(pa.table({"text": ["a"], "by": [""]}), split, "file")


def test_row_numbers_go_on_from_chunk_to_chunk() -> None:
    table = pa.concat_tables([_table(), _table(["d", "", "f"])])
    with pytest.raises(UserError, match="row 4"):
        checked(table, Split("train", SPLIT.schema), "file")


def test_truncated_parquet_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    canonical.write(_table(), path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError, match=r"mirror/x\.parquet: truncated or not Parquet"):
        canonical.read(path, "mirror/x.parquet")
