"""The token store: flat on disk, mapped into memory, rows as they were written."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.data.store import PreparedDataset, TokenColumn, write_column
from pipeline.errors import UserError


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 65_535), max_size=13), max_size=11))
def test_rows_come_back(tmp_path_factory: pytest.TempPathFactory, rows: list[list[int]]) -> None:
    folder = tmp_path_factory.mktemp("store")
    write_column(folder, "text", rows)
    column = TokenColumn(folder, "text")
    assert len(column) == len(rows)
    assert [column[i].tolist() for i in range(len(column))] == rows
    assert column.lengths.tolist() == [len(row) for row in rows]


def test_rows_are_views_of_the_mapped_file(tmp_path: Path) -> None:
    write_column(tmp_path, "text", [[1, 2, 3], [5, 7]])
    row = TokenColumn(tmp_path, "text")[1]
    owner: object = row
    while isinstance(owner, np.ndarray) and not isinstance(owner, np.memmap):
        owner = owner.base
    assert isinstance(owner, np.memmap)
    assert row.dtype == np.uint16
    with pytest.raises(ValueError, match="read-only"):
        row[0] = 9
    assert np.load(tmp_path / "text.tokens.npy").tolist() == [1, 2, 3, 5, 7]
    assert np.load(tmp_path / "text.offsets.npy").tolist() == [0, 3, 5]


def test_no_dataset_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"reviews: no prepared dataset; run `dvc repro prepare@reviews`"):
        PreparedDataset.open(tmp_path / "reviews")
