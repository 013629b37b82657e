"""The judge of diverging trainings, given made-up runs: true, false, split and undecidable."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from pipeline.claims.diverging import paired
from pipeline.claims.verdict import Verdict
from pipeline.files import write_json

SEEDS = 10
Diverging = Mapping[tuple[str, str], set[int]]
"""(clipping, side of 1) -> seeds of ReLU that diverge at both radii there."""
ALL, NONE = set(range(SEEDS)), set[int]()
HALF, OTHER = {0, 2, 4, 6, 8}, {1, 3, 5, 7, 9}


def trained(results: Any, diverging: Diverging, *, seeds: int = SEEDS) -> None:
    """Runs of tanh never diverge."""
    results.checks("exploding-gradient", [True])
    rows = [
        {
            "activation": activation,
            "radius": radius,
            "clipping": clipping,
            "seed": seed,
            "gradient": (math.inf if activation == "relu" else 7.0) if radius == 2 else 1.234 + seed,
            "loss": 0.1,
            "diverged": int(activation == "relu" and seed in diverging[clipping, side]),
            "step": None,
        }
        for seed in range(seeds)
        for activation in ("tanh", "relu")
        for radius, side in ((0.5, "below"), (0.75, "below"), (1.0, "one"), (1.5, "above"), (2.0, "above"))
        for clipping in ("off", "on")
    ]
    results.table("probes/divergence", "runs", pd.DataFrame(rows))
    settings = {"distance": 5, "updates": 11, "learning_rate": 0.03, "clip_norm": 1.0}
    write_json(results.folder / "probes/divergence/provenance.json", [{"settings": settings, "worst": 5 / 3}])


def seen(above: set[int], clipped: set[int], below: set[int]) -> Diverging:
    return {
        ("off", "above"): above,
        ("on", "above"): clipped,
        ("off", "below"): below,
        ("on", "below"): NONE,
        ("off", "one"): ALL,
        ("on", "one"): NONE,
    }


@pytest.mark.parametrize(
    ("above", "clipped", "below", "verdict"),
    [
        (ALL, NONE, NONE, Verdict.HOLDS),
        (ALL - {3}, {5}, NONE, Verdict.HOLDS),
        (NONE, ALL, ALL, Verdict.REFUTED),
        (ALL, NONE, ALL, Verdict.INCONCLUSIVE),
        (ALL, ALL, NONE, Verdict.INCONCLUSIVE),
        (HALF, ALL, NONE, Verdict.INCONCLUSIVE),
        (HALF, OTHER, OTHER, Verdict.INCONCLUSIVE),
        (NONE, NONE, NONE, Verdict.INCONCLUSIVE),
        (NONE, NONE, ALL, Verdict.INCONCLUSIVE),
    ],
)
def test_trainings_are_judged_by_the_share_that_diverges(
    above: set[int], clipped: set[int], below: set[int], verdict: Verdict, made_up: Any
) -> None:
    trained(made_up, seen(above, clipped, below))
    assert made_up.verdict("exploding-gradient") is verdict


def test_clipping_that_makes_things_worse_is_told_apart_from_the_radius(made_up: Any) -> None:
    trained(made_up, seen(HALF | {1, 3, 5}, ALL, NONE))
    radius, clipping = made_up.judge("exploding-gradient").comparisons
    assert radius.estimate.value == pytest.approx(100 * 8 / 12)
    assert clipping.estimate.value == pytest.approx(-100 * 2 / 12)
    assert (radius.side, clipping.side) == ("above", "unclear")


def test_a_property_that_fails_refutes_whatever_diverges(made_up: Any) -> None:
    trained(made_up, seen(ALL, NONE, NONE))
    made_up.checks("exploding-gradient", [True, False])
    assert made_up.verdict("exploding-gradient") is Verdict.REFUTED


def test_without_trainings_the_properties_decide_and_a_remark_says_so(made_up: Any) -> None:
    made_up.checks("exploding-gradient", [True])
    found = made_up.judge("exploding-gradient")
    assert found.verdict is Verdict.HOLDS
    assert found.remarks == ["probe divergence was not run"]


def test_three_seeds_that_agree_are_no_certainty(made_up: Any) -> None:
    trained(made_up, seen(ALL, NONE, NONE), seeds=3)
    assert made_up.verdict("exploding-gradient") is Verdict.INCONCLUSIVE


def test_two_seeds_are_made_up_as_bonett_and_price_do() -> None:
    # Their shares are p12 = (9 + 1) / 12 and p21 = (0 + 1) / 12, their variance
    # (p12 + p21 - (p12 - p21)^2) / 12; a sample's divides by 11.
    found = paired([100.0] * 9 + [0.0])
    assert found.value == pytest.approx(100 * 9 / 12)
    assert found.error == pytest.approx(100 * ((11 / 12 - (9 / 12) ** 2) / 11) ** 0.5)


def test_remarks_count_runs_on_either_side(made_up: Any) -> None:
    trained(made_up, seen(ALL - {3}, {5}, {1}))
    relu, tanh, settings = made_up.judge("exploding-gradient").remarks
    assert relu == (
        "ReLU: diverged 2 of 20 at a radius below 1 (0 with clipping), 10 of 10 at a radius of 1 (0 with "
        "clipping), 18 of 20 at a radius above 1 (2 with clipping); largest gradient without clipping, "
        "median of runs: 5.73 at 0.5 and inf at 2"
    )
    assert tanh.startswith("tanh: diverged 0 of 20 at a radius below 1 (0 with clipping)")
    assert tanh.endswith("median of runs: 5.73 at 0.5 and 7 at 2")
    assert settings == (
        "the adding problem over 5 steps, 11 updates of plain SGD at rate 0.03, clipping to norm 1; "
        "diverged: a loss above 1.67 at the end, or none that is a number"
    )


def test_the_figure_draws_shares_with_intervals_that_stay_between_0_and_1(made_up: Any) -> None:
    trained(made_up, seen(ALL - {3}, {5}, NONE))
    figure = made_up.judge("exploding-gradient").figure
    assert figure is not None
    lines = {line.name: list(line.points) for line in figure.lines}
    assert list(lines) == ["tanh", "tanh, clipped", "ReLU", "ReLU, clipped"]
    assert [point[:2] for point in lines["ReLU"]] == [(0.5, 0), (0.75, 0), (1, 1), (1.5, 0.9), (2, 0.9)]
    # Wilson's interval of 9 in 10.
    assert lines["ReLU"][3][2:] == (pytest.approx(0.5958, abs=1e-4), pytest.approx(0.9821, abs=1e-4))
    assert all(0 <= low <= y <= high <= 1 for points in lines.values() for _, y, low, high in points)
