"""Where accuracy falls half-way to chance, of curves whose answer is known."""

import pandas as pd
import pytest

from pipeline.claims.half_lives import half_life


def curve(*values: float) -> pd.DataFrame:
    """Accuracy at distances 1, 2, 4 and so on."""
    return pd.DataFrame([{"low": 2**i, "high": 2**i, "value": value} for i, value in enumerate(values)])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1.0, 1.0, 0.0, 0.0), 2**1.5),  # half-way between 2 and 4
        ((0.9, 0.8, 0.7, 0.6), 8),  # higher all along
        ((0.3, 0.2, 0.1, 0.0), 1),  # lower all along
        ((0.4, 0.8, 0.9, 0.8), 8),  # the nearest one is seldom asked, and what is remembered reaches far
        ((0.4, 0.8, 0.6, 0.4), 2**2.5),
        ((1.0, 0.4, 0.6, 0.6), 8),
    ],
)
def test_it_is_the_furthest_distance_at_which_half_is_remembered(
    values: tuple[float, ...], expected: float
) -> None:
    assert half_life(curve(*values), chance=0.0) == pytest.approx(expected)
