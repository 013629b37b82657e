"""Windows with hidden hours: which are hidden and asked, by number and by chance, and over processes."""

import numpy as np
import pytest

from pipeline.data.gaps import GapBatches, Gaps
from pipeline.data.series import Part
from pipeline.errors import UserError

HOURS, GAP = 11, 3
VALUES = np.arange(2 * 47, dtype=np.float32).reshape(47, 2)
"""Hour t holds 2 t and 2 t + 1."""
PART = Part(VALUES, 17)


def asked_hours(gaps: Gaps, codes: np.ndarray) -> np.ndarray:
    """Which hours of the series are asked, (n, asked)."""
    _, actual, asked = gaps[codes]
    return actual[..., 0][asked].reshape(len(codes), -1) / 2


def test_every_stretch_of_a_part_stands_once_in_a_window() -> None:
    gaps = Gaps(PART, hours=HOURS, gap=GAP)
    assert gaps.numbers.tolist() == list(range(30 - GAP))
    found = asked_hours(gaps, gaps.codes(gaps.numbers))
    assert found.tolist() == [[17 + n, 18 + n, 19 + n] for n in range(30 - GAP)]
    values, actual, asked = gaps[gaps.codes(gaps.numbers)]
    assert not asked[:, [0, -1]].any()
    assert (gaps.hidden(asked) == asked).all()
    assert (values == actual).all()
    assert len({int(place) for place in asked.argmax(1)}) == HOURS - GAP - 1


def test_the_same_hours_are_asked_whatever_the_window() -> None:
    wide, narrow = (Gaps(PART, hours=hours, gap=GAP) for hours in (17, 7))
    assert wide.numbers.tolist() == narrow.numbers.tolist()
    codes = [gaps.codes(gaps.numbers) for gaps in (wide, narrow)]
    assert (asked_hours(wide, codes[0]) == asked_hours(narrow, codes[1])).all()


def test_a_day_before_stands_before_every_gap() -> None:
    gaps = Gaps(PART, hours=5 + GAP + 1, gap=GAP, before=5)
    _, _, asked = gaps[gaps.codes(gaps.numbers)]
    assert set(asked.argmax(1).tolist()) == {5}


def test_a_series_that_begins_with_the_part_keeps_an_hour_at_both_ends() -> None:
    gaps = Gaps(Part(VALUES[:13], 0), hours=HOURS, gap=GAP)
    assert gaps.numbers.tolist() == list(range(1, 10))
    _, _, asked = gaps[gaps.codes(gaps.numbers)]
    assert not asked[:, [0, -1]].any()


def test_after_every_hour_the_next_one_is_asked() -> None:
    gaps = Gaps(PART, hours=HOURS, gap=GAP, asked="next")
    codes = gaps.codes(gaps.numbers)
    values, actual, asked = gaps[codes]
    assert asked.all()
    assert not gaps.hidden(asked).any()
    assert (actual == values + 2).all()
    assert (actual[:, -1, 0] / 2).tolist() == list(range(17, 47))


@pytest.mark.parametrize(
    ("first", "hours", "asked"), [(44, 9, "gap"), (17, 48, "gap"), (17, 47, "next"), (47, 9, "next")]
)
def test_what_does_not_fit_is_said_in_one_line(first: int, hours: int, asked: str) -> None:
    with pytest.raises(UserError, match=f"{hours} hours with a gap of 3 don't fit 47 hours; read less"):
        Gaps(Part(VALUES, first), hours=hours, gap=GAP, asked=asked)


@pytest.mark.parametrize("asked", ["gap", "next"])
def test_an_epoch_draws_windows_and_gaps_anew_and_bit_for_bit(asked: str) -> None:
    batches = GapBatches(Gaps(Part(VALUES, 0), hours=HOURS, gap=GAP, asked=asked), stride=2)

    def order(seed: int | None, epoch: int = 0) -> list[list[int]]:
        found = batches.order(budget=5 * HOURS, longest=HOURS, seed=seed, epoch=epoch)
        return [rows.tolist() for rows in found]

    assert order(3, 1) == order(3, 1)
    assert order(3, 1) != order(3, 2)
    assert order(3, 1) != order(4, 1)
    assert order(None) == order(None)
    codes = [code for epoch in range(40) for rows in order(3, epoch) for code in rows]
    starts, places = np.divmod(np.array(codes), HOURS)
    assert set(starts) == set(range(47 - HOURS + (asked == "gap")))
    assert set(places) == (set(range(1, HOURS - GAP)) if asked == "gap" else {0})
    assert max(map(len, order(3))) == 5


def test_processes_deal_one_batch_out() -> None:
    gaps = Gaps(PART, hours=HOURS, gap=GAP)
    rows = gaps.codes(gaps.numbers[:7])
    whole = GapBatches(gaps)[rows]
    assert whole.weight == pytest.approx(1 / (7 * GAP * 2))
    parts = [GapBatches(gaps, rank=rank, ranks=3)[rows] for rank in range(3)]
    assert sorted(row for part in parts for row in part.rows.tolist()) == sorted(rows.tolist())
    assert {part.weight for part in parts} == {3 * whole.weight}
    idle = GapBatches(gaps, rank=6, ranks=9)[rows[:2]]
    assert idle.weight == 0
