"""Where in a stack of layers features peak, given made-up probes."""

import json
from typing import Any

import pandas as pd
import pytest

from pipeline.claims.evidence import NotRun
from pipeline.claims.ledger import judge_all
from pipeline.claims.verdict import Verdict


def probed(results: Any, peaks: list[tuple[int, int]]) -> None:
    """Networks of three layers; per seed the layers where part of speech and sentiment peak.

    Layer 0 and random weights are best of all: neither counts. Nor does a network of four layers.
    """
    results.checks("stacked-features", [True])
    results.experiment("depth", {"three": {"accuracy": [0.8] * len(peaks)}}, task="classification")
    rows = [
        {
            "variant": variant,
            "seed": seed,
            "layer": layer,
            "feature": feature,
            "weights": weights,
            "accuracy": 0.9 if not layer or weights == "random" else 0.8 if layer == peak else 0.6,
            "chance": 0.5,
            "items": 1000,
        }
        for variant, layers in (("three", 3), ("four", 4))
        for seed, (basic, high) in enumerate(peaks if variant == "three" else [(4, 1)] * len(peaks))
        for feature, peak in (("part of speech", basic), ("sentiment", high), ("entity", 2), ("control", 1))
        for weights in ("trained", "random")
        for layer in range(layers + 1)
    ]
    results.table("probes/layers/depth", "layers", pd.DataFrame(rows))


LOWER, SAME, HIGHER = (1, 3), (2, 2), (3, 2)


@pytest.mark.parametrize(
    ("peaks", "verdict", "p"),
    [
        ([LOWER] * 5, Verdict.HOLDS, 0.031),
        ([LOWER] * 4 + [HIGHER], Verdict.HOLDS, 0.19),
        ([LOWER] * 3 + [SAME] * 2, Verdict.INCONCLUSIVE, 0.5),
        ([LOWER] * 2, Verdict.HOLDS, 0.25),
        ([LOWER, SAME], Verdict.INCONCLUSIVE, 0.75),
        ([LOWER] + [SAME] * 4, Verdict.REFUTED, 0.97),
        ([LOWER] * 2 + [SAME] * 3, Verdict.INCONCLUSIVE, 0.81),
        ([LOWER] * 4 + [SAME] * 6, Verdict.REFUTED, 0.83),
        ([HIGHER] * 3, Verdict.REFUTED, 1),
    ],
)
def test_layers_are_judged_by_where_what_they_tell_peaks(
    peaks: list[tuple[int, int]], verdict: Verdict, p: float, made_up: Any
) -> None:
    probed(made_up, peaks)
    found = made_up.judge("stacked-features")
    assert found.verdict is verdict
    told = found.checks[-1]
    assert told.name == "part of speech peaks in a lower layer than sentiment"
    assert told.found.startswith(f"in {peaks.count(LOWER)} of {len(peaks)} seeds (95 % interval ")
    basic, high = (", ".join(map(str, layers)) for layers in zip(*peaks, strict=True))
    assert found.remarks[0] == (
        f"peaks by seed: part of speech in layer {basic}; sentiment in layer {high} "
        f"(binomial p {p} of as many by an even chance)"
    )
    rows = judge_all(made_up.folder, made_up.experiments)
    assert json.loads(json.dumps(rows)) == rows
    assert (found.needs is None) is (verdict is not Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("peaks", "interval", "needs"),
    [
        ([LOWER] * 2 + [SAME] * 3, "0.05 to 0.85", "about 6 seeds"),
        ([LOWER] * 3 + [SAME] * 2, "0.15 to 0.95", "about 19 seeds"),
        ([LOWER] * 7 + [SAME] * 2, "0.40 to 0.97", "more seeds than can be told from these"),
    ],
)
def test_how_many_seeds_would_tell_where_features_peak(
    peaks: list[tuple[int, int]], interval: str, needs: str, made_up: Any
) -> None:
    """Intervals as in Clopper and Pearson's tables."""
    probed(made_up, peaks)
    found = made_up.judge("stacked-features")
    assert (
        found.checks[-1].found == f"in {peaks.count(LOWER)} of {len(peaks)} seeds (95 % interval {interval})"
    )
    assert found.needs == f"{found.checks[-1].name}: {needs}"


def test_what_layers_hold_is_told_beside_random_weights_and_a_control(made_up: Any) -> None:
    probed(made_up, [(2, 3)] * 3)
    found = made_up.judge("stacked-features")
    assert "; sentiment 0.900 (0.900), 0.600 (0.900), 0.600 (0.900), 0.800 (0.900), " in found.remarks[1]
    assert found.remarks[2].endswith(
        "by heart: +0.000 (+0.000), -0.200 (+0.000), +0.200 (+0.000), +0.000 (+0.000)"
    )
    assert [line.name for line in found.figure.lines] == [
        f"{feature}{weights}"
        for weights in ("", ", random weights")
        for feature in ("part of speech", "entity", "sentiment")
    ]
    drawn = [(x, round(y, 6)) for x, y, *_ in found.figure.lines[2].points]
    assert drawn == [("0", 0.9), ("1", 0.6), ("2", 0.6), ("3", 0.8)]


def test_networks_that_know_no_names_are_judged_without_entities(made_up: Any) -> None:
    probed(made_up, [LOWER] * 3)
    path = made_up.folder / "probes/layers/depth/layers.csv"
    rows = pd.read_csv(path)
    rows[rows["feature"] != "entity"].to_csv(path, index=False)
    found = made_up.judge("stacked-features")
    assert found.verdict is Verdict.HOLDS
    assert "; entity: the networks know too few words; sentiment " in found.remarks[1]
    assert [line.name for line in found.figure.lines][:2] == ["part of speech", "sentiment"]


def test_a_stack_that_computes_something_else_is_refuted_whatever_its_layers_tell(made_up: Any) -> None:
    for peaks in ([LOWER] * 5, [LOWER, SAME]):
        probed(made_up, peaks)
        made_up.checks("stacked-features", [True, False])
        assert made_up.verdict("stacked-features") is Verdict.REFUTED


def test_layers_that_nobody_looked_into_are_not_run(made_up: Any) -> None:
    made_up.checks("stacked-features", [True])
    made_up.experiment("depth", {"three": {"accuracy": [0.8] * 2}}, task="classification")
    with pytest.raises(NotRun, match=r"^probe layers@depth was not run$"):
        made_up.judge("stacked-features")
    probed(made_up, [LOWER])
    with pytest.raises(NotRun, match=r"^probe layers@depth has not seen two seeds of three$"):
        made_up.judge("stacked-features")
