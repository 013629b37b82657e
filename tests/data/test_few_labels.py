from pathlib import Path

import numpy as np
import pytest

from pipeline.data.few_labels import FewTexts, running_text
from pipeline.data.few_rows import FirstThen
from pipeline.data.store import Split, TokenColumn, write_column
from pipeline.data.streams import StreamBatch, StreamBatches
from pipeline.data.texts import TextBatch
from pipeline.errors import UserError
from pipeline.text.tokenizer import EOS

TEXTS = 41


@pytest.fixture
def split(tmp_path: Path) -> Split:
    """Text n has n % 7 + 1 tokens, all of them 10 + n; every third is of class 1."""
    write_column(tmp_path, "text", [[10 + n] * (n % 7 + 1) for n in range(TEXTS)])
    return Split(
        tmp_path, {"text": TokenColumn(tmp_path, "text")}, (np.arange(TEXTS) % 3 == 0).astype(np.int64)
    )


def few(split: Split, labels: int, passes: int = 1) -> FewTexts:
    return FewTexts(split, labels=labels, passes=passes, max_tokens=5, keep="last")


def test_every_class_has_its_share_and_the_seed_chooses(split: Split) -> None:
    batches = few(split, 10)
    assert split.labels is not None
    chosen = batches.chosen(3)
    assert len(chosen) == 10
    assert split.labels[chosen].sum() == 5
    assert list(batches.chosen(3)) == list(chosen)
    assert list(batches.chosen(4)) != list(chosen)


def test_a_class_that_has_no_more_gives_all(split: Split) -> None:
    assert split.labels is not None
    assert split.labels[few(split, 40).chosen(0)].sum() == split.labels.sum() == 14


def test_passes_go_over_the_same_texts_in_other_orders(split: Split) -> None:
    batches = few(split, 10, passes=3)
    orders = [batches.order(budget=10, longest=5, seed=3, epoch=epoch) for epoch in (0, 1, 0)]
    rows = [int(row) for batch in orders[0] for row in batch]
    assert sorted(rows) == sorted([*batches.chosen(3)] * 3)
    assert rows[:10] != rows[10:20]
    assert [list(batch) for batch in orders[0]] == [list(batch) for batch in orders[2]]
    assert [list(batch) for batch in orders[0]] != [list(batch) for batch in orders[1]]
    for batch in orders[0]:
        assert len(batch) * batches.lengths[batch].max() <= 10


def test_too_few_labels_are_an_error(split: Split) -> None:
    with pytest.raises(UserError, match=r"data.few.labels: 1 leaves none for each of 2 classes"):
        few(split, 1)


def test_running_text_ends_each_text_and_stops_where_it_is_told(split: Split) -> None:
    whole = running_text(split, None)
    assert len(whole) == split.columns["text"].lengths.sum() + TEXTS
    assert list(whole[:6]) == [10, EOS, 11, 11, EOS, 12]
    assert list(running_text(split, 4)) == [10, EOS, 11, 11]


def test_text_comes_first_then_the_labels(split: Split) -> None:
    windows = StreamBatches(running_text(split, 60), streams=3, window=4)
    both = FirstThen(windows, few(split, 10), epochs=2)
    given = {"budget": 10, "longest": 5, "seed": 3}
    kinds = []
    for epoch in range(4):
        order = both.order(epoch=epoch, **given)
        kinds.append({type(both[rows]) for rows in order})
        assert len(both.lengths)
    assert kinds == [{StreamBatch}, {StreamBatch}, {TextBatch}, {TextBatch}]
