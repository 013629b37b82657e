"""Trainings with a known outcome, the rows they read, and the files of a small run."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from pipeline.config import load
from pipeline.data.symbols import ASK, BLANK, MARK
from pipeline.files import read_json
from pipeline.nn.recurrent import Recurrent
from pipeline.probes.divergence import MEAN_ERROR, TIMES, Rows, draw, measure, runs, start, train

STEPS = 11
CLIP = 1.0
SETTINGS = {
    "distance": 30,
    "hidden": 32,
    "batch_rows": 7,
    "updates": 13,
    "learning_rate": 0.03,
    "clip_norm": CLIP,
    "seeds": 3,
}


class Unit(nn.Module):
    """h_t = weight h_{t-1} + x_t, linear; the answer is h_S. Only the weight on the inputs learns."""

    def __init__(self, weight: float) -> None:
        super().__init__()
        self.layer = Recurrent(input_size=1, hidden_size=1, cell="rnn", activation="linear")
        self.layer.requires_grad_(False)
        kernel = self.layer.kernels[0]
        for parameter, value in (
            (kernel.input, 1.0),
            (kernel.hidden, weight),
            (kernel.input_bias, 0.0),
            (kernel.hidden_bias, 0.0),
        ):
            parameter.data.fill_(value)
        kernel.input.requires_grad_()

    def forward(self, symbols: Tensor, numbers: Tensor, lengths: Tensor) -> Tensor:
        outputs, _ = self.layer(numbers.unsqueeze(-1), lengths)
        return outputs


def impulse(target: float) -> Rows:
    """One row: 1 at the first step, then nothing."""
    numbers = torch.zeros(1, STEPS)
    numbers[0, 0] = 1
    return Rows(torch.full((1, STEPS), BLANK), numbers, torch.tensor([target]))


@pytest.mark.parametrize("weight", [0.5, 2.0])
@pytest.mark.parametrize("clip", [math.inf, CLIP])
def test_a_linear_units_gradient_is_the_weight_to_the_power_of_the_steps(weight: float, clip: float) -> None:
    # The answer is w^(S-1), and so is its derivative by the weight on inputs; the error is 1/2.
    answer = weight ** (STEPS - 1)
    found = train(Unit(weight), [impulse(answer - 0.5), impulse(0.0)], 1e-9, clip)
    assert found.gradient == pytest.approx(answer)
    assert found.loss == pytest.approx(answer**2, rel=1e-2)
    assert found.diverged is (weight > 1)
    # The first loss, 1/4, was small enough.
    assert found.step == (1 if weight > 1 else None)


def test_an_update_is_plain_sgds_and_no_longer_than_the_norm() -> None:
    for clip, length in ((math.inf, 4.0), (CLIP, 1.0)):
        unit = Unit(2.0)
        # Of three steps: the answer is 4, the error 1/2, the gradient 4.
        rows = impulse(3.5)
        short = Rows(rows.symbols[:, :3], rows.numbers[:, :3], rows.sums)
        train(unit, [short, short], 0.1, clip)
        assert unit.layer.kernels[0].input.item() == pytest.approx(1 - 0.1 * length)


@pytest.mark.parametrize("clip", [math.inf, CLIP])
def test_a_weight_that_is_no_number_is_a_run_that_diverged(clip: float) -> None:
    broken = Rows(torch.full((1, STEPS), BLANK), torch.full((1, STEPS), math.nan), torch.tensor([0.0]))
    found = train(Unit(0.5), [impulse(0.0), broken, impulse(0.0)], 0.1, clip)
    assert found == (math.inf, math.inf, True, 1)


def test_a_loss_that_comes_down_again_is_no_divergence() -> None:
    far = impulse(100.0)
    assert train(Unit(0.5), [far, far, impulse(0.0)], 1e-9, CLIP).step is None
    assert train(Unit(0.5), [impulse(0.0), far, far], 1e-9, CLIP).step == 1


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("radius", [0.5, 1.0, 2.0])
def test_the_radius_is_what_it_says_and_nothing_else_differs(activation: str, radius: float) -> None:
    network, other = start(3, activation, radius, 7), start(3, activation, 1.0, 7)  # type: ignore[arg-type]
    values = torch.linalg.eigvals(network.recurrent.weights(0).hidden.detach())
    assert values.abs().numpy() == pytest.approx(radius, abs=1e-5)
    for (name, mine), theirs in zip(network.named_parameters(), other.parameters(), strict=True):
        factor = radius if name.endswith("kernels.0.hidden") else 1
        torch.testing.assert_close(mine, factor * theirs)


def test_small_radii_never_diverge_and_large_ones_always_do_unless_clipped() -> None:
    found = runs(SETTINGS | {"radii": [0.5, 4.0]})
    relu = found[found["activation"] == "relu"].set_index(["radius", "clipping"])
    assert relu.loc[0.5, "diverged"].sum() == 0
    assert relu.loc[0.5, "step"].isna().all()
    assert relu.loc[(4.0, "off"), "diverged"].tolist() == [1, 1, 1]
    assert (relu.loc[(4.0, "off"), "step"] == 0).all()
    assert np.isinf(relu.loc[(4.0, "off"), "gradient"]).all()
    # A tanh's states lie in [-1, 1]: the gradient grows, the loss stays a number.
    tanh = found[found["activation"] == "tanh"].set_index("radius")
    assert np.isfinite(tanh["loss"]).all()
    assert tanh.loc[4.0, "gradient"].min() > 10 * tanh.loc[0.5, "gradient"].max()


def test_runs_of_a_seed_read_the_same_rows_and_other_seeds_others() -> None:
    settings = SETTINGS | {"radii": [0.5, 2.0], "updates": 1, "distance": 5, "seeds": 2}
    found = runs(settings)
    assert len(found) == 2 * 2 * 2 * 2
    # Before an update, clipping plays no part.
    first = found.pivot(index=["activation", "radius", "seed"], columns="clipping", values="gradient")
    assert (first["off"] == first["on"]).all()
    assert found["gradient"].nunique() == 8


def test_a_row_asks_for_the_sum_of_its_two_marked_numbers() -> None:
    (rows, other) = draw(5, 2, 1000, 7)
    assert rows.symbols.shape == rows.numbers.shape == (1000, 8)
    assert (rows.symbols[:, -1] == ASK).all()
    marked = rows.symbols == MARK
    assert marked[:, 0].all()
    assert (marked.sum(1) == 2).all()
    assert marked[:, 1:7].any(0).all()
    assert not marked[:, 7].any()
    torch.testing.assert_close(rows.sums, (rows.numbers * marked).sum(1))
    assert not torch.equal(rows.numbers, other.numbers)
    assert (rows.numbers[:, :-1].min(), rows.numbers.max()) == pytest.approx((0, 1), abs=0.01)
    assert (rows.sums - 1).square().mean().item() == pytest.approx(MEAN_ERROR, rel=0.1)


def test_files_of_a_small_run(root: Path, tmp_path: Path) -> None:
    told: list[str] = []
    measure(load(root / "params/smoke.yaml"), tmp_path, tell=told.append)
    table = pd.read_csv(tmp_path / "runs.csv")
    assert told[0].startswith(f"divergence: {table['diverged'].sum()} of 16 runs diverged; ")
    assert list(table) == [
        "activation",
        "radius",
        "clipping",
        "seed",
        "gradient",
        "loss",
        "diverged",
        "step",
    ]
    assert not table.drop(columns="step").isna().any().any()
    assert set(table["diverged"]) <= {0, 1}
    assert table["step"].notna().tolist() == (table["diverged"] == 1).tolist()
    (facts,) = read_json(tmp_path / "provenance.json")
    assert facts["settings"]["radii"] == [0.5, 2.0]
    assert facts["worst"] == pytest.approx(TIMES * MEAN_ERROR)
    before = (tmp_path / "runs.csv").read_bytes()
    measure(load(root / "params/smoke.yaml"), tmp_path, tell=told.append)
    assert (tmp_path / "runs.csv").read_bytes() == before
