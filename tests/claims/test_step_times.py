"""The judge of step times, given made-up tables: true, false, split and undecidable."""

import math
from typing import Any

import pandas as pd
import pytest

from pipeline.claims.evidence import NotRun
from pipeline.claims.step_times import nearer
from pipeline.claims.verdict import Verdict
from pipeline.files import write_json

NETWORKS = ("none", "luong", "bahdanau", "convolution")
LENGTHS = (8, 128)


def timed(results: Any, steps: float, batch: float, spread: float = 0.01, *, product: float = 0.0) -> None:
    """Three repeats. `product`: milliseconds of a pair of words, of networks with attention."""
    results.checks("limits-sequential", [True])
    exponents = [
        {"network": name, "repeat": repeat, "of": of, "exponent": value + spread * (repeat - 1)}
        for name in NETWORKS
        for repeat in range(3)
        for of, value in (("steps", steps), ("batch", batch))
    ]
    results.table("probes/timing", "exponents", pd.DataFrame(exponents))
    times = [
        {
            "network": name,
            "batch": rows,
            "source": source,
            "target": target,
            "repeat": repeat,
            "seconds": rows * (source + target + product * source * target * (name in NETWORKS[1:3])) / 1000,
        }
        for name in NETWORKS
        for rows, source, target in ((1, 8, 8), (4, 8, 8), (1, 128, 128), (4, 128, 128), (4, 8, 128))
        for repeat in range(3)
    ]
    results.table("probes/timing", "times", pd.DataFrame(times))
    facts = {
        "settings": {"hidden": 7, "batches": [1, 4], "lengths": list(LENGTHS), "repeats": 3},
        "device": "cpu",
        "parameters": dict(zip(NETWORKS, (9001, 9500, 11000, 10000), strict=True)),
    }
    write_json(results.folder / "probes/timing/provenance.json", [facts])


@pytest.mark.parametrize(
    ("steps", "batch", "spread", "verdict"),
    [
        (0.95, 0.8, 0.01, Verdict.HOLDS),
        (1.15, 0.8, 0.01, Verdict.HOLDS),
        (0.6, 0.2, 0.01, Verdict.REFUTED),
        (1.6, 0.2, 0.01, Verdict.REFUTED),
        (0.95, 0.2, 0.01, Verdict.DEPENDS),
        (1.6, 0.8, 0.01, Verdict.DEPENDS),
        (0.95, 0.8, 0.5, Verdict.INCONCLUSIVE),
        (1.2, 0.5, 0.01, Verdict.INCONCLUSIVE),
    ],
)
def test_step_times_are_judged_by_their_exponents(
    steps: float, batch: float, spread: float, verdict: Verdict, made_up: Any
) -> None:
    timed(made_up, steps, batch, spread)
    assert made_up.verdict("limits-sequential") is verdict


def test_a_step_that_waits_for_none_refutes_whatever_the_times(made_up: Any) -> None:
    timed(made_up, 0.95, 0.8)
    made_up.checks("limits-sequential", [True, False])
    assert made_up.verdict("limits-sequential") is Verdict.REFUTED


def test_the_convolution_decides_nothing(made_up: Any) -> None:
    timed(made_up, 0.95, 0.8)
    path = made_up.folder / "probes/timing/exponents.csv"
    table = pd.read_csv(path)
    table.loc[table["network"] == "convolution", "exponent"] = 0.1
    table.to_csv(path, index=False)
    found = made_up.judge("limits-sequential")
    assert found.verdict is Verdict.HOLDS
    assert len(found.comparisons) == 6
    assert "a convolution (S + T)^0.10 batch^0.10" in found.remarks[0]


def test_the_nearer_end_tells_how_far_inside_they_lie() -> None:
    assert nearer([0.9, 1.0]).value == pytest.approx(0.15)
    assert nearer([1.0, 1.1]).value == pytest.approx(0.15)
    assert nearer([0.5, 0.7]).value == pytest.approx(-0.2)
    assert nearer([1.2, 1.4]).value == pytest.approx(-0.1)


def test_remarks_tell_the_product_and_the_sizes(made_up: Any) -> None:
    timed(made_up, 0.95, 0.8, product=0.5)
    _, product, sizes = made_up.judge("limits-sequential").remarks
    # Of 4 rows and 8 or 128 words, half a millisecond a pair, for every target word.
    assert product == (
        "what attention adds to a target step over 8 and over 128 source words, in a batch of 4 "
        "with 128 target words: Luong's attention 16 and 256 ms; Bahdanau's attention 16 and 256 ms"
    )
    assert sizes == (
        "cpu, 3 repeats over batches of 1 to 4 and 8 to 128 words on either side; 7 units, "
        "9,001 to 11,000 parameters"
    )


def test_the_figure_draws_even_texts_at_the_largest_batch(made_up: Any) -> None:
    timed(made_up, 0.95, 0.8)
    figure = made_up.judge("limits-sequential").figure
    assert figure is not None
    assert figure.logarithmic
    assert figure.lines[0].name == "without attention"
    points = [(x, y) for x, y, *_ in figure.lines[0].points]
    assert points == [(16.0, pytest.approx(math.log10(0.064))), (256.0, pytest.approx(math.log10(1.024)))]


def test_what_was_not_timed_is_not_judged(made_up: Any) -> None:
    made_up.checks("limits-sequential", [True])
    with pytest.raises(NotRun, match="probe timing was not run"):
        made_up.judge("limits-sequential")
