"""Batches: every row once, within the budget, the same on every machine and together equal over all ranks."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.data.batches import RowBatches, pad, plan, shortened
from pipeline.data.pairs import PairBatches, enclosed
from pipeline.data.store import Split, TokenColumn, write_column
from pipeline.data.texts import TextBatches
from pipeline.text.tokenizer import BOS, EOS, PAD

few = settings(max_examples=50, deadline=None)
lengths_of_rows = st.lists(st.integers(1, 60), min_size=1, max_size=90).map(
    lambda rows: np.array(rows, dtype=np.int64)
)
budgets = st.integers(1, 300)
seeds = st.one_of(st.none(), st.integers(0, 2**31))


def rng_of(seed: int | None) -> np.random.Generator | None:
    return None if seed is None else np.random.default_rng(seed)


@few
@given(lengths_of_rows, budgets, seeds)
def test_every_row_stands_in_exactly_one_batch(lengths: Any, budget: int, seed: int | None) -> None:
    batches = plan(lengths, budget=budget, rng=rng_of(seed))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert all(len(batch) for batch in batches)


@few
@given(lengths_of_rows, budgets, seeds)
def test_a_batch_keeps_its_budget_unless_it_is_one_long_row(
    lengths: Any, budget: int, seed: int | None
) -> None:
    for batch in plan(lengths, budget=budget, rng=rng_of(seed)):
        assert len(batch) == 1 or len(batch) * lengths[batch].max() <= budget


def test_sorted_plan_wastes_no_room() -> None:
    """Worked by hand: rows 1 and 3 (2 tokens) fill a budget of 5, row 0 (3) alone, row 2 (7) over budget."""
    batches = plan(np.array([3, 2, 7, 2]), budget=5, rng=None)
    assert [batch.tolist() for batch in batches] == [[1, 3], [0], [2]]


class Rows(RowBatches[Any]):
    def __init__(self, lengths: Any) -> None:
        self._lengths = lengths

    @property
    def lengths(self) -> Any:
        return self._lengths


def ordered(batches: RowBatches[Any], **plan: Any) -> list[list[int]]:
    return [rows.tolist() for rows in batches.order(**plan)]


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    lengths = np.random.default_rng(7).integers(1, 41, 500)

    def batches(seed: int | None, epoch: int) -> list[list[int]]:
        return ordered(Rows(lengths), budget=101, seed=seed, epoch=epoch)

    assert batches(3, 5) == batches(3, 5)
    assert batches(3, 5) != batches(3, 6)
    assert batches(3, 5) != batches(5, 5)
    assert batches(3, 5) != batches(5, 3)
    assert batches(None, 0) == batches(None, 1)


def test_shuffled_batches_hold_rows_of_like_length() -> None:
    lengths = np.random.default_rng(11).integers(1, 101, 3000)
    batches = plan(lengths, budget=500, rng=np.random.default_rng(0))
    padded = sum(len(batch) * lengths[batch].max() for batch in batches)
    assert lengths.sum() / padded > 0.9
    longest = [int(lengths[batch].max()) for batch in batches]
    assert longest != sorted(longest)


def test_pad_fills_behind_and_gives_an_empty_row_one_step() -> None:
    rows = [np.array(row, dtype=np.uint16) for row in ([5, 6, 7], [], [9])]
    tokens, lengths = pad(rows)
    assert tokens.tolist() == [[5, 6, 7], [PAD, PAD, PAD], [9, PAD, PAD]]
    assert lengths.tolist() == [3, 1, 1]
    assert tokens.dtype == lengths.dtype == torch.int64


def test_which_end_is_kept() -> None:
    ids = np.arange(10, 17, dtype=np.uint16)
    assert shortened(ids, 3, "first").tolist() == [10, 11, 12]
    assert shortened(ids, 3, "last").tolist() == [14, 15, 16]
    assert shortened(ids, 9, "last").tolist() == ids.tolist()


def test_largest_id_survives() -> None:
    ids = np.array([65_535], dtype=np.uint16)
    assert enclosed(ids).tolist() == [BOS, 65_535, EOS]
    assert pad([ids])[0].tolist() == [[65_535]]


def rows_of(lengths: list[int]) -> list[list[int]]:
    return [[10 * i + j % 7 for j in range(length)] for i, length in enumerate(lengths, start=1)]


@pytest.fixture
def texts(tmp_path: Path) -> Split:
    write_column(tmp_path, "text", rows_of([5, 0, 13, 3, 7, 2, 11]))
    return Split(tmp_path, {"text": TokenColumn(tmp_path, "text")}, np.array([0, 1, 2, 0, 1, 2, 1]))


@pytest.fixture
def pairs(tmp_path: Path) -> Split:
    write_column(tmp_path, "source", rows_of([5, 0, 13, 3, 7]))
    write_column(tmp_path, "target", rows_of([2, 3, 11, 0, 5]))
    return Split(tmp_path, {side: TokenColumn(tmp_path, side) for side in ("source", "target")}, None)


def test_texts_are_cut_padded_and_labelled(texts: Split) -> None:
    batches = TextBatches(texts, max_tokens=3, keep="last")
    assert batches.lengths.tolist() == [3, 1, 3, 3, 3, 2, 3]
    batch = batches[np.array([0, 1, 5])]
    assert batch.tokens.tolist() == [[12, 13, 14], [0, 0, 0], [60, 61, 0]]
    assert batch.lengths.tolist() == [3, 1, 2]
    assert batch.labels.tolist() == [0, 1, 2]
    assert batch.rows.tolist() == [0, 1, 5]
    assert batch.share == 1.0


@pytest.mark.parametrize(
    ("padding", "rows"),
    [
        ("after", [[40, 41, 42, PAD], [PAD] * 4, [60, 61, PAD, PAD], [53, 54, 55, 56]]),
        ("before", [[PAD, 40, 41, 42], [PAD] * 4, [PAD, PAD, 60, 61], [53, 54, 55, 56]]),
    ],
)
def test_padding_that_is_read_counts_as_words(texts: Split, padding: Any, rows: list[list[int]]) -> None:
    """Every row is as long as the longest may be, so that no answer hangs on the rows beside it."""
    batches = TextBatches(texts, max_tokens=4, keep="last", padding=padding)
    assert batches.lengths.tolist() == [4] * 7
    batch = batches[np.array([3, 1, 5, 4])]
    assert batch.tokens.tolist() == rows
    assert batch.lengths.tolist() == [4] * 4


def test_the_usual_order_is_of_rows_that_are_short_enough(pairs: Split) -> None:
    batches = PairBatches(pairs)  # of 5, 5, 13, 3 and 7 tokens
    assert sorted(ordered(batches, budget=1, longest=6, seed=3, epoch=1)) == [[0], [1], [3]]
    assert ordered(batches, budget=1) == [[3], [0], [1], [4], [2]]


def test_pairs_are_enclosed_and_weighted_by_predicted_tokens(pairs: Split) -> None:
    batches = PairBatches(pairs)
    assert batches.lengths.tolist() == [5, 5, 13, 3, 7]
    batch = batches[np.array([0, 3, 1])]
    assert batch.target.tolist() == [
        [BOS, 10, 11, EOS, PAD],
        [BOS, EOS, PAD, PAD, PAD],
        [BOS, 20, 21, 22, EOS],
    ]
    assert batch.target_lengths.tolist() == [4, 2, 5]
    assert batch.source_lengths.tolist() == [5, 3, 1]
    # Two words and an end, an end, three words and an end.
    assert batch.weight == pytest.approx(1 / (3 + 1 + 4))


@pytest.mark.parametrize("ranks", [1, 2, 3, 5])
@pytest.mark.parametrize("count", [1, 2, 5, 7])
def test_ranks_average_to_the_mean_over_texts(texts: Split, ranks: int, count: int) -> None:
    rows = np.array([6, 2, 4, 0, 5, 3, 1])[:count]
    losses = torch.tensor([0.3, 1.7, 2.9, 0.1, 1.1, 0.5, 2.3], dtype=torch.float64)
    parts = [
        TextBatches(texts, max_tokens=97, keep="first", rank=rank, ranks=ranks)[rows] for rank in range(ranks)
    ]
    real = [part for part in parts if part.share]
    assert sorted(torch.cat([part.rows for part in real]).tolist()) == sorted(rows.tolist())
    average = sum(losses[part.rows].mean() * part.share for part in parts) / ranks
    assert float(average) == pytest.approx(float(losses[rows].mean()), rel=1e-12)


@pytest.mark.parametrize("ranks", [1, 2, 3, 5])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_ranks_average_to_the_mean_over_target_tokens(pairs: Split, ranks: int, count: int) -> None:
    rows = np.array([4, 2, 0, 3, 1])[:count]
    predicted = torch.tensor([3.0, 4.0, 12.0, 1.0, 6.0], dtype=torch.float64)
    per_token = torch.tensor([0.3, 1.7, 2.9, 0.1, 1.1], dtype=torch.float64)
    parts = [PairBatches(pairs, rank=rank, ranks=ranks)[rows] for rank in range(ranks)]
    real = [part for part in parts if part.weight]
    assert sorted(torch.cat([part.rows for part in real]).tolist()) == sorted(rows.tolist())
    sums = predicted * per_token
    average = sum(sums[part.rows].sum() * part.weight for part in parts) / ranks
    assert float(average) == pytest.approx(float(sums[rows].sum() / predicted[rows].sum()), rel=1e-12)


def test_a_rank_without_rows_still_has_a_batch(texts: Split, pairs: Split) -> None:
    """All ranks take part in every step, or the gradients' exchange waits for ever."""
    text = TextBatches(texts, max_tokens=97, keep="first", rank=2, ranks=3)[np.array([4])]
    assert (text.share, text.rows.tolist()) == (0.0, [4])
    pair = PairBatches(pairs, rank=1, ranks=2)[np.array([0])]
    assert (pair.weight, pair.rows.tolist()) == (0.0, [0])
