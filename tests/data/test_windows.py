"""Parts of a series and their windows: nothing later is seen, the end of a part ends its windows."""

import numpy as np
import pytest
import torch

from pipeline.data.series import Part
from pipeline.data.windows import WindowBatches
from pipeline.errors import UserError

HISTORY, HORIZON = 3, 4
# Hour n of channel 0 is n, of channel 1 is -n; the part begins at hour 5.
VALUES = np.stack([np.arange(12), -np.arange(12)], axis=1).astype(np.float32)


def test_a_window_reads_what_came_before_and_ends_with_its_part() -> None:
    windows = Part(VALUES, 5).windows(HISTORY, HORIZON)
    assert len(windows) == 7
    rows = np.array([0, 6, 3])
    past, future = windows[rows]
    assert past[..., 0].tolist() == [[2, 3, 4], [8, 9, 10], [5, 6, 7]]
    assert future[..., 0].tolist() == [[5, 6, 7, 8], [11, 0, 0, 0], [8, 9, 10, 11]]
    assert windows.lengths(rows).tolist() == [4, 1, 4]
    np.testing.assert_array_equal(past[..., 1], -past[..., 0])


def test_the_first_part_has_windows_only_where_there_is_history() -> None:
    windows = Part(VALUES, 0).windows(HISTORY, HORIZON)
    assert windows.first == HISTORY
    assert windows[np.array([0])][0][0, :, 0].tolist() == [0, 1, 2]


def test_more_history_than_hours_is_refused() -> None:
    with pytest.raises(UserError, match=r"12 hours of history leave no window in 12 hours; read less"):
        Part(VALUES, 0).windows(12, HORIZON)


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_the_ranks_losses_average_to_the_mean_over_real_values(ranks: int) -> None:
    """Summed squares times a batch's weight, whatever the number of processes."""
    windows = Part(VALUES, 5).windows(HISTORY, HORIZON)
    rows = np.array([6, 0, 5, 2, 4])
    parts = [WindowBatches(windows, rank=rank, ranks=ranks)[rows] for rank in range(ranks)]
    losses = [float(part.future.square().sum()) * part.weight for part in parts]
    real = windows[rows][1]
    expected = float((real**2).sum()) / (int(windows.lengths(rows).sum()) * 2)
    assert sum(losses) / ranks == pytest.approx(expected)
    seen = torch.cat([part.rows for part in parts if part.weight])
    assert sorted(seen.tolist()) == sorted(rows.tolist())
    assert WindowBatches(windows).lengths.tolist() == [HISTORY] * len(windows)
