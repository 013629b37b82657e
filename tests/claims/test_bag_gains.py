"""What stands beside the claim of vanishing gradients: accuracy by length against a bag of words."""

from typing import Any

import pandas as pd
import pytest

from pipeline.claims.verdict import Verdict

GONE, KEPT = (0.001, 4.0), (0.1, 400.0)
BAG = {(10, "last"): 0.6, (200, "last"): 0.8, (200, "first"): 0.7}


def followed(results: Any, variants: list[str], early: float, half_life: float) -> None:
    """What the probe of gradients saw, nearly the same of every seed."""
    results.experiment("vanishing", {name: {"accuracy": [0.5] * 3} for name in variants})
    rows = [
        {
            "variant": name,
            "seed": seed,
            "when": "after",
            "length": int(name.split("_")[1]),
            "early_share": early * (1 + seed / 100),
            "half_life": half_life * (1 + seed / 100),
            "reviews": 64,
        }
        for name in variants
        for seed in range(3)
    ]
    results.table("probes/gradient_flow/vanishing", "shares", pd.DataFrame(rows))
    flow = {"variant": variants[0], "when": "after", "step_from_end": 0, "gradient": 1.0}
    results.table("probes/gradient_flow/vanishing", "flow", pd.DataFrame([flow]))


def counted(results: Any, accuracies: dict[str, list[float]], item_error: float = 0.01) -> None:
    """What the probe of a bag of words saw; `accuracies`: CELL_LENGTH or CELL_LENGTH_first -> by seed."""
    gains, power = [], []
    for place, (name, values) in enumerate(accuracies.items()):
        keep = "first" if name.endswith("_first") else "last"
        led = {"variant": name, "length": int(name.split("_")[1]), "keep": keep}
        bag = BAG[led["length"], keep]
        gains += [
            led | {"seed": seed, "accuracy": value, "bag": bag, "gain": value - bag}
            for seed, value in enumerate(values)
        ]
        power.append(led | {"item_error": item_error, "smallest_gain": 0.08 + place / 100})
    bags = [
        {"length": length, "keep": keep, "accuracy": value, "train": 262, "validation": 60, "test": 307}
        for (length, keep), value in BAG.items()
    ]
    for name, rows in (("gains", gains), ("power", power), ("bags", bags)):
        results.table("probes/bag/vanishing", name, pd.DataFrame(rows))


def test_without_the_probe_the_verdict_stands_and_says_so(made_up: Any) -> None:
    followed(made_up, ["rnn_200"], *GONE)
    found = made_up.judge("vanishing-gradient")
    assert found.verdict is Verdict.HOLDS
    assert not found.beside
    assert found.remarks[-1].startswith("probe bag@vanishing was not run: no accuracy of a bag of words")


@pytest.mark.parametrize(("flow", "verdict"), [(GONE, Verdict.HOLDS), (KEPT, Verdict.REFUTED)])
@pytest.mark.parametrize("accuracy", [0.3, 0.95])
def test_accuracy_decides_nothing(
    flow: tuple[float, float], verdict: Verdict, accuracy: float, made_up: Any
) -> None:
    followed(made_up, ["rnn_200"], *flow)
    counted(made_up, {"rnn_200": [accuracy, accuracy + 0.01, accuracy - 0.01]})
    assert made_up.verdict("vanishing-gradient") is verdict


def test_gains_power_and_counts_are_told(made_up: Any) -> None:
    followed(made_up, ["rnn_200", "lstm_200"], *GONE)
    counted(
        made_up,
        {
            "rnn_10": [0.7, 0.71, 0.69],
            "rnn_200": [0.6, 0.61, 0.59],
            "lstm_10": [0.61, 0.6, 0.62],
            "lstm_200_bias3": [0.9, 0.91, 0.92],
            "lstm_200_first": [0.65, 0.66, 0.64],
        },
    )
    found = made_up.judge("vanishing-gradient")
    gains, first, counts = found.remarks[1:]
    assert "the same last 10 and 200 tokens" in gains
    assert "rnn +10.0 -20.0, lstm +1.0 none; surely above 0: 1 of 3, surely below: 1" in gains
    assert first == "on the first 200 tokens lstm -5.0"
    assert counts.startswith(
        "262 reviews to train on, 60 to choose by and 307 to score: with a power of 80 %"
    )
    # Of variants that are told alone: the one that starts otherwise has 11 points, the first words 12.
    assert "show 8.0 to 10.0 points, no less" in counts


def test_few_texts_make_no_gain_sure(made_up: Any) -> None:
    followed(made_up, ["rnn_200"], *GONE)
    counted(made_up, {"rnn_10": [0.7, 0.71, 0.69]}, item_error=0.1)
    (_, gains, *_) = made_up.judge("vanishing-gradient").remarks
    assert "rnn +10.0; surely above 0: 0 of 1, surely below: 0" in gains


def test_cells_and_bag_are_drawn_over_the_last_tokens(made_up: Any) -> None:
    followed(made_up, ["rnn_200"], *GONE)
    counted(
        made_up,
        {"gru_10": [0.5, 0.7], "rnn_200": [0.6, 0.6], "gru_200": [0.9, 0.8], "rnn_200_first": [0.5] * 2},
    )
    figure, gained = made_up.judge("vanishing-gradient").beside
    assert figure.logarithmic
    lines = {line.name: [(x, round(y, 6)) for x, y, *_ in line.points] for line in figure.lines}
    assert lines == {
        "rnn": [(200, 0.6)],
        "gru": [(10, 0.6), (200, 0.85)],
        "bag of words": [(10, 0.6), (200, 0.8)],
    }
    assert figure.lines[1].points[0][2:] == (0.0, 1.0), "no accuracy lies beyond, however wide the interval"
    assert [line.name for line in gained.lines] == ["rnn", "gru"]
    # Two equal seeds: what is not sure is the texts' part, a point; Student's t has one degree of freedom.
    (point,) = gained.lines[0].points
    assert point == pytest.approx((200, -20, -20 - 12.7062, -20 + 12.7062), abs=1e-3)


def test_one_seed_shows_nothing_of_chance(made_up: Any) -> None:
    followed(made_up, ["rnn_200"], *GONE)
    counted(made_up, {"rnn_200": [0.6]})
    found = made_up.judge("vanishing-gradient")
    assert not found.beside
    assert found.remarks[1:] == [
        "probe bag@vanishing has not seen two seeds of a cell that reads the last tokens"
    ]
