"""Judges of memory, gates, states and gradients, given made-up tables: true, false and undecidable."""

import math
from typing import Any

import pandas as pd
import pytest

from pipeline.claims.evidence import NotRun
from pipeline.claims.ledger import summary
from pipeline.claims.verdict import Verdict


@pytest.mark.parametrize(
    ("gated", "verdict"),
    [
        ([60.0, 64.0, 68.0], Verdict.HOLDS),
        ([5.0, 5.2, 5.1], Verdict.REFUTED),
        ([2.0, 20.0, 200.0], Verdict.INCONCLUSIVE),
    ],
)
def test_memory_is_judged_by_half_lives(gated: list[float], verdict: Verdict, made_up: Any) -> None:
    made_up.recalled("recall", {"rnn": [5.0, 5.1, 5.2], "gru": gated, "lstm": gated})
    assert made_up.verdict("memory") is verdict


LONG = [60.0, 64.0, 68.0]
SHORT = [5.0, 5.2, 5.1]


def filled(results: Any, drops: dict[str, float], spread: float, majority: float = 0.5) -> None:
    """Accuracy is about .8 without filler and lower by the drop with 400 words."""
    found = {name: [drop - spread, drop, drop + spread] for name, drop in drops.items()}
    scores = {name: {"accuracy": [0.7] * 3, "filler_drop": lost} for name, lost in found.items()}
    results.experiment("filler", scores, task="classification")
    rows = [
        {"variant": name, "seed": seed, "split": "test", "filler": length, "texts": 3000, "accuracy": value}
        for name, lost in found.items()
        for seed, drop in enumerate(lost)
        for length, value in ((0, 0.8 + 0.001 * seed), (400, 0.8 - drop))
    ]
    rows.append(rows[0] | {"variant": "majority", "seed": -1, "accuracy": majority})
    results.table("filler", "tables/by_filler", pd.DataFrame(rows))
    pairs = [
        {"split": "test", "metric": "filler_drop", "a": "rnn", "b": cell, "error": 0.01, "items": 3000}
        for cell in ("gru", "lstm")
    ]
    results.table("filler", "tables/paired", pd.DataFrame(pairs))


@pytest.mark.parametrize(
    ("lost", "spread", "verdict"),
    [(0.02, 0.005, Verdict.HOLDS), (0.25, 0.005, Verdict.REFUTED), (0.2, 0.1, Verdict.INCONCLUSIVE)],
)
def test_memory_is_judged_by_what_filler_costs_where_recall_was_not_run(
    lost: float, spread: float, verdict: Verdict, made_up: Any
) -> None:
    filled(made_up, {"rnn": 0.25, "gru": lost, "lstm": lost}, spread)
    found = made_up.judge("memory")
    assert found.verdict is verdict
    assert [one.above for one in found.comparisons] == [5.0, 5.0]
    # Items count: seeds alone would be surer.
    assert found.comparisons[0].estimate.item_error == pytest.approx(1.0)
    assert found.comparisons[0].estimate.value == pytest.approx(100 * (0.25 - lost))
    assert "experiment recall was not run" in found.remarks
    assert found.remarks[0].startswith("accuracy with 0 and with 400 words of filler: rnn 0.801 and 0.550; ")
    assert "majority" not in found.remarks[0]


@pytest.mark.parametrize(
    ("gated", "lost", "verdict"),
    [
        (LONG, 0.02, Verdict.HOLDS),
        (SHORT, 0.25, Verdict.REFUTED),
        (LONG, 0.25, Verdict.DEPENDS),
        (LONG, 0.2, Verdict.INCONCLUSIVE),
    ],
)
def test_memory_needs_both_where_both_were_run(
    gated: list[float], lost: float, verdict: Verdict, made_up: Any
) -> None:
    made_up.recalled("recall", {"rnn": [5.0, 5.1, 5.2], "gru": gated, "lstm": gated})
    filled(made_up, {"rnn": 0.25, "gru": lost, "lstm": lost}, 0.005)
    found = made_up.judge("memory")
    assert found.verdict is verdict
    assert len(found.comparisons) == 4
    assert not [remark for remark in found.remarks if "not run" in remark]


def test_who_reads_nothing_has_nothing_to_lose(made_up: Any) -> None:
    filled(made_up, {"rnn": 0.0, "gru": 0.0, "lstm": 0.0}, 0.005, majority=0.8)
    nothing = r"with 0 words of it the plain RNN is not surely above the majority \(0.801 against 0.800\)"
    with pytest.raises(NotRun, match=nothing):
        made_up.judge("memory")
    made_up.recalled("recall", {"rnn": [5.0, 5.1, 5.2], "gru": LONG, "lstm": LONG})
    found = made_up.judge("memory")
    assert found.verdict is Verdict.HOLDS
    assert len(found.comparisons) == 2
    assert found.remarks[-1].startswith("filler tells nothing: ")


def test_memory_is_not_judged_by_nothing(made_up: Any) -> None:
    with pytest.raises(NotRun, match="experiment recall was not run"):
        made_up.judge("memory")


def held_open(made_up: Any, whole: list[float], held: list[float], accuracies: tuple[float, float]) -> None:
    """`accuracies`: of the whole LSTM, and with a gate held open."""
    names = ("open_input", "open_forget", "open_output")
    made_up.recalled("gates", {"lstm": whole, **dict.fromkeys(names, held)})
    scores = pd.read_csv(made_up.folder / "gates/scores.csv")
    spread = scores["seed"] / 1000
    for variants, accuracy in zip((("lstm",), names), accuracies, strict=True):
        rows = scores["variant"].isin(variants)
        scores.loc[rows, "value"] = accuracy + spread[rows]
    made_up.table("gates", "scores", scores)


@pytest.mark.parametrize(
    ("held", "accuracy", "verdict"),
    [
        ([5.0, 5.2, 5.1], 0.5, Verdict.HOLDS),
        ([200.0, 210.0, 190.0], 0.9, Verdict.REFUTED),
        ([5.0, 5.2, 5.1], 0.9, Verdict.DEPENDS),
        ([4.0, 50.0, 250.0], 0.5, Verdict.INCONCLUSIVE),
    ],
)
def test_gates_are_judged_by_half_lives_and_accuracies(
    held: list[float], accuracy: float, verdict: Verdict, made_up: Any
) -> None:
    held_open(made_up, [50.0, 51.0, 49.0], held, (0.7, accuracy))
    assert made_up.verdict("lstm-gates") is verdict


def test_memories_that_reach_the_furthest_distance_tell_nothing_of_their_ratio(made_up: Any) -> None:
    held_open(made_up, [1e6] * 3, [1e6] * 3, (0.9, 0.5))
    found = made_up.judge("lstm-gates")
    assert found.verdict is Verdict.INCONCLUSIVE  # though every accuracy speaks for the claim
    assert {one.unit for one in found.comparisons} == {"points of accuracy"}
    assert [check.passed for check in found.checks] == [None] * 3
    assert found.needs.startswith("lstm against input gate open: longer distances; ")
    assert summary(found).startswith(
        "lstm against input gate open: both remember the furthest distances, 256 steps and more"
    )


def test_a_fresh_mask_that_keeps_all_that_was_tried_refutes_nothing(made_up: Any) -> None:
    made_up.checks("dropout", [True])
    scores = {"none": 100.0, "dropout": 80.0, "variational": 80.0}
    spread = {name: {"perplexity": [value, value + 0.1, value - 0.1]} for name, value in scores.items()}
    made_up.experiment("language", spread)
    made_up.recalled("dropout_recall", dict.fromkeys(("none", "step", "sequence"), [1e6] * 3))
    assert made_up.verdict("dropout") is Verdict.INCONCLUSIVE


def states(results: Any, read: float, lost: float, next_word: float, spread: float) -> None:
    """`read`: far back, c's accuracy less h's; `lost`: nats far back; `next_word`: h's less c's, at once."""
    results.experiment("language", {"none": {"perplexity": [90.0] * 3}})
    tables: dict[str, list[dict[str, Any]]] = {"readout": [], "damage": []}
    for back in (0, 1, 10, 20):
        far = back > 1
        for seed in range(3):
            shift = spread * (seed - 1)
            told = {"h": 0.2, "c": 0.2 + (read + shift if far else 0.0)}
            costs = {
                "h": 1.0 + (0.0 if far else next_word + shift),
                "c": 1.0 + (lost + shift if far else 0.0),
            }
            for state in "hc":
                led = {"variant": "none", "seed": seed, "state": state, "back": back}
                tables["readout"].append(led | {"accuracy": told[state], "chance": 0.1, "tokens": 99})
                tables["damage"].append(led | {"nll": costs[state]})
                other = led | {"variant": "dropout"}
                tables["readout"].append(other | {"accuracy": 0.5, "chance": 0.1, "tokens": 99})
                tables["damage"].append(other | {"nll": 0.5})
    for name, rows in tables.items():
        results.table("probes/states/language", name, pd.DataFrame(rows))


@pytest.mark.parametrize(
    ("read", "lost", "next_word", "spread", "verdict"),
    [
        (0.1, 0.2, 0.3, 0.001, Verdict.HOLDS),
        (-0.1, -0.2, -0.3, 0.001, Verdict.REFUTED),
        (0.1, 0.2, -0.3, 0.001, Verdict.DEPENDS),
        (0.01, 0.2, 0.3, 0.1, Verdict.INCONCLUSIVE),
    ],
)
def test_two_states_are_judged_by_what_is_read_and_what_is_lost(
    read: float, lost: float, next_word: float, spread: float, verdict: Verdict, made_up: Any
) -> None:
    states(made_up, read, lost, next_word, spread)
    found = made_up.judge("lstm-short-long")
    assert found.verdict is verdict
    values = [one.estimate.value for one in found.comparisons]
    assert values == pytest.approx([100 * read, lost, next_word])
    assert found.remarks[0].startswith(f"words 10 and 20 steps back are told right {0.2 + read:.3f} of the ")
    assert [line.name for line in found.figure.lines] == ["h", "c"]
    assert [point[0] for point in found.figure.lines[1].points] == [0, 1, 10, 20]


def test_two_states_are_not_judged_by_one_seed(made_up: Any) -> None:
    states(made_up, 0.1, 0.2, 0.3, 0.001)
    folder = made_up.folder / "probes/states/language"
    for path in folder.glob("*.csv"):
        rows = pd.read_csv(path)
        rows[(rows["seed"] == 0) | (rows["variant"] != "none")].to_csv(path, index=False)
    with pytest.raises(NotRun, match="probe states@language has not seen two seeds of none"):
        made_up.judge("lstm-short-long")


@pytest.mark.parametrize(
    ("early", "half_life", "verdict"),
    [
        ([0.001, 0.0012, 0.0011], [4.0, 4.2, 4.1], Verdict.HOLDS),
        ([0.1, 0.11, 0.09], [400.0, 410.0, 390.0], Verdict.REFUTED),
        ([0.0, 0.03, 0.001], [4.0, 900.0, 90.0], Verdict.INCONCLUSIVE),
    ],
)
def test_a_vanishing_gradient_is_judged_by_share_and_half_life(
    early: list[float], half_life: list[float], verdict: Verdict, made_up: Any
) -> None:
    shares(made_up, {"lstm_200": (200, early, half_life), "lstm_1000": (1000, early, half_life)})
    assert made_up.verdict("vanishing-gradient") is verdict


def test_a_vanishing_gradient_depends_where_initialisations_split(made_up: Any) -> None:
    gone, kept = ([0.001, 0.0012, 0.0011], [4.0, 4.2, 4.1]), ([0.1, 0.11, 0.09], [400.0, 410.0, 390.0])
    shares(made_up, {"rnn_200": (200, *gone), "lstm_200_bias3": (200, *kept)})
    assert made_up.verdict("vanishing-gradient") is Verdict.DEPENDS


def shares(results: Any, variants: dict[str, tuple[int, list[float], list[float]]]) -> None:
    results.experiment("vanishing", {name: {"accuracy": [0.5] * 3} for name in variants})
    rows = [
        {
            "variant": name,
            "seed": seed,
            "when": "after",
            "length": length,
            "early_share": early[seed],
            "half_life": halves[seed],
            "reviews": 64,
        }
        for name, (length, early, halves) in variants.items()
        for seed in range(3)
    ]
    results.table("probes/gradient_flow/vanishing", "shares", pd.DataFrame(rows))
    flow = {
        "variant": "rnn_200",
        "seed": 0,
        "when": "after",
        "step_from_end": 0,
        "gradient": 1.0,
        "share": 1.0,
    }
    results.table("probes/gradient_flow/vanishing", "flow", pd.DataFrame([flow]))


STARTS = ("rnn_default", "rnn_orthogonal", "gru_default", "lstm_bias_1", "lstm_bias_3")


def reach(results: Any, gradient: list[list[float]], half_lives: list[float]) -> None:
    """Half-lives of the gradient, by seed and start, and of recall, by start."""
    results.recalled("reach", {name: [half] * 3 for name, half in zip(STARTS, half_lives, strict=True)})
    rows = [
        {"variant": name, "seed": seed, "when": when, "half_life": value}
        for when in ("before", "after")
        for seed, values in enumerate(gradient)
        for name, value in zip(STARTS, values, strict=True)
    ]
    results.table("probes/gradient_flow/reach", "shares", pd.DataFrame(rows))


FAR = [1.0, 2.0, 4.0, 8.0, math.inf]
SHUFFLED = [[4.0, 1.0, 8.0, 2.0, 64.0], [64.0, 8.0, 4.0, 2.0, 1.0], [1.0, 8.0, 2.0, 64.0, 4.0]]


@pytest.mark.parametrize(
    ("gradient", "verdict"),
    [
        ([FAR, FAR, [2.0, 1.0, 4.0, 8.0, math.inf]], Verdict.HOLDS),
        ([FAR[::-1], FAR[::-1], [math.inf, 8.0, 4.0, 1.0, 2.0]], Verdict.REFUTED),
        (SHUFFLED, Verdict.INCONCLUSIVE),
    ],
)
def test_a_cause_is_judged_by_ranks(gradient: list[list[float]], verdict: Verdict, made_up: Any) -> None:
    reach(made_up, gradient, [3.0, 6.0, 12.0, 24.0, 48.0])
    assert made_up.verdict("memory-cause") is verdict


def test_a_gradient_that_does_not_fall_has_a_rank_and_no_point(made_up: Any) -> None:
    reach(made_up, [FAR] * 3, [3.0, 6.0, 12.0, 24.0, 48.0])
    found = made_up.judge("memory-cause")
    assert [line.name for line in found.figure.lines] == list(STARTS[:-1])
    assert found.remarks == ["a seed's gradient does not fall before training, so not drawn: lstm_bias_3"]


def test_networks_that_all_remember_equally_far_have_no_ranks(made_up: Any) -> None:
    reach(made_up, [FAR] * 3, [6.0] * 5)
    with pytest.raises(NotRun, match="all remember equally far"):
        made_up.judge("memory-cause")
