"""Running text: rows joined in their order, and streams of it side by side."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.datasets import RunningText
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.data.streams import StreamBatches, running_ids
from pipeline.errors import UserError
from pipeline.text.tokenizer import EOS, PAD, UNK

IDS = np.arange(10, 47, dtype=np.uint16)
"""37 tokens: 3 streams of 13, 13 and 11."""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    texts = {
        "train": ["a <unk> b", "b N 's", "a b c"],
        "validation": ["a zebra"],
        "test": ["c c", "B"],
    }
    for split, rows in texts.items():
        pq.write_table(pa.table({"line": rows}), folder / f"{split}.parquet")
    return folder


def running(**changes: Any) -> RunningText:
    tokenizer = {"kind": "spaces", "vocabulary": 50, "minimum_frequency": 1, "lowercase": False}
    base = {"kind": "running_text", "corpus": "lines", "column": "line", "tokenizer": tokenizer | changes}
    return RunningText.model_validate(base)


def test_rows_are_joined_each_with_an_end(raw: Path, tmp_path: Path) -> None:
    statistics = prepare(running(), raw, tmp_path / "prepared")
    dataset = PreparedDataset.open(tmp_path / "prepared")
    # a, b, c, N, 's and the four special ones, of which <unk> stands in the text.
    assert dataset.vocabulary == {"text": 9}
    tokens = dataset.tokenizer("text").tokens(running_ids(dataset, "train").tolist())
    assert tokens == ["a", "<unk>", "b", "</s>", "b", "N", "'s", "</s>", "a", "b", "c", "</s>"]
    assert running_ids(dataset, "validation")[1:].tolist() == [UNK, EOS]
    assert statistics["splits"]["test"]["tokens"] == {"text": 5}
    assert dataset.split("test").rows()["text"].tolist() == ["c c", "B"]


def test_raw_text_is_cut_into_words(raw: Path, tmp_path: Path) -> None:
    prepare(running(kind="word", lowercase=True), raw, tmp_path / "prepared")
    dataset = PreparedDataset.open(tmp_path / "prepared")
    tokens = dataset.tokenizer("text").tokens(running_ids(dataset, "test").tolist())
    assert tokens == ["c", "c", "</s>", "b", "</s>"]


def first(rows: int) -> RunningText:
    return RunningText.model_validate(running().model_dump() | {"train_rows": rows})


def test_of_training_the_first_rows_alone_are_learned_from(raw: Path, tmp_path: Path) -> None:
    statistics = prepare(first(2), raw, tmp_path / "prepared")
    dataset = PreparedDataset.open(tmp_path / "prepared")
    assert dataset.splits == {"train": 2, "validation": 1, "test": 2}
    # a, b, N, 's and the four special ones: c stands in the third row.
    assert dataset.vocabulary == {"text": 8}
    assert running_ids(dataset, "test").tolist() == [UNK, UNK, EOS, UNK, EOS]
    assert statistics["splits"]["train"]["tokens"] == {"text": 8}


def test_more_rows_than_training_has(raw: Path, tmp_path: Path) -> None:
    message = "train_rows 4: training has 3 rows; lower it, or leave it out"
    with pytest.raises(UserError, match=message):
        prepare(first(4), raw, tmp_path / "prepared")


def test_a_column_that_is_not_there(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"train\.parquet: has no column 'text'; it has line"):
        prepare(
            RunningText.model_validate(running().model_dump() | {"column": "text"}), raw, tmp_path / "out"
        )


def pooled(**changes: int) -> RunningText:
    pool = {"split": "pool", "validation": 40, "test": 60} | changes
    return RunningText.model_validate(running().model_dump() | {"pool": pool})


@pytest.fixture
def one_split(tmp_path: Path) -> Path:
    """300 lines, of which the last one stands at the beginning too."""
    folder = tmp_path / "raw"
    folder.mkdir()
    lines = [f"w{row % 299} a b" for row in range(300)]
    pq.write_table(pa.table({"line": lines}), folder / "pool.parquet")
    return folder


def test_a_pool_is_parted_in_runs_that_keep_their_order(one_split: Path, tmp_path: Path) -> None:
    prepare(pooled(), one_split, tmp_path / "prepared")
    dataset = PreparedDataset.open(tmp_path / "prepared")
    found = {
        name: [int(text.split()[0][1:]) for text in dataset.split(name).rows()["text"]]
        for name in ("train", "validation", "test")
    }
    assert sorted(itertools.chain(*found.values())) == sorted([*range(299), 0])
    assert abs(len(found["validation"]) - 40) <= 1
    assert abs(len(found["test"]) - 60) <= 1
    sets = {name: set(rows) for name, rows in found.items()}
    assert sum(map(len, sets.values())) == 299, "equal lines are in one split"
    for name, rows in found.items():
        in_order = rows[:-1] if 0 in sets[name] else rows  # the line that stands twice ends its split
        assert in_order == sorted(in_order)
    breaks = sum(after - before != 1 for before, after in itertools.pairwise(found["test"]))
    assert 0 < breaks < 21


def test_the_first_rows_of_what_a_pool_leaves(one_split: Path, tmp_path: Path) -> None:
    whole, few = (tmp_path / name for name in ("whole", "few"))
    prepare(pooled(), one_split, whole)
    prepare(RunningText.model_validate(pooled().model_dump() | {"train_rows": 7}), one_split, few)
    for split, rows in (("train", 7), ("validation", None), ("test", None)):
        texts = [PreparedDataset.open(folder).split(split).rows()["text"].tolist() for folder in (whole, few)]
        assert texts[1] == texts[0][:rows]


def test_a_pool_that_leaves_nothing(one_split: Path, tmp_path: Path) -> None:
    message = "pool pool: has 300 rows, of which validation and test take 300; lower them"
    with pytest.raises(UserError, match=message):
        prepare(pooled(validation=240), one_split, tmp_path / "prepared")


def test_a_pool_makes_one_test_split() -> None:
    with pytest.raises(ValueError, match="with a pool, tests holds one split, test"):
        RunningText.model_validate(pooled().model_dump() | {"tests": ["other"]})


def laid_out(batches: StreamBatches) -> tuple[Any, Any]:
    """All windows of tokens and of targets, one behind the other."""
    parts = [batches[rows] for rows in batches.order()]
    return tuple(
        np.concatenate([getattr(part, name).numpy() for part in parts], 1) for name in ("tokens", "targets")
    )


def test_streams_are_the_text_in_order() -> None:
    batches = StreamBatches(IDS, streams=3, window=5)
    tokens, targets = laid_out(batches)
    assert tokens.shape == targets.shape == (3, 15)
    assert targets[targets != PAD].tolist() == IDS.tolist()
    assert (targets != PAD).sum(1).tolist() == [13, 13, 11]
    for stream, first in enumerate((EOS, 22, 35)):
        assert tokens[stream, 0] == first
        length = (targets[stream] != PAD).sum()
        assert tokens[stream, 1:length].tolist() == targets[stream, : length - 1].tolist()
    assert batches.lengths.tolist() == [5, 5, 5, 5, 5, 5, 3, 3, 1]
    weights = [batches[rows].weight for rows in batches.order()]
    assert weights == [1 / 15, 1 / 15, 1 / 7]


def test_every_epoch_reads_on_in_the_same_order() -> None:
    batches = StreamBatches(IDS, streams=3, window=5)
    orders = [batches.order(budget=15, longest=5, seed=3, epoch=epoch) for epoch in (0, 7)]
    assert [rows.tolist() for rows in orders[0]] == [rows.tolist() for rows in orders[1]]
    assert [rows.tolist() for rows in orders[0]] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


def test_more_streams_than_tokens() -> None:
    tokens, targets = laid_out(StreamBatches(IDS[:5], streams=7, window=3))
    assert targets[:, 0].tolist() == [10, 11, 12, 13, 14, PAD, PAD]
    assert tokens[:, 0].tolist() == [EOS, 10, 11, 12, 13, PAD, PAD]


@pytest.mark.parametrize("ranks", [2, 5])
def test_each_rank_keeps_its_streams_and_all_have_the_whole_batch(ranks: int) -> None:
    whole = StreamBatches(IDS, streams=3, window=5)
    parts = [StreamBatches(IDS, streams=3, window=5, rank=rank, ranks=ranks) for rank in range(ranks)]
    for rows in whole.order():
        batch, shares = whole[rows], [part[rows] for part in parts]
        real = [share for share in shares if share.weight]
        assert sum(len(share.tokens) for share in real) == 3
        for rank, share in enumerate(real):
            assert share.tokens.tolist() == batch.tokens[rank::ranks].tolist()
            assert share.weight == pytest.approx(batch.weight * ranks)
