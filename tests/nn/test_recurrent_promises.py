"""What single options promise: how long a value is kept, how states start, which parameters are left."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline.nn.recurrent import Recurrent

B, S, D, H = 3, 11, 5, 7
SHARE = 0.25


def linear_unit(kind: str, rows: int, steps: int) -> Tensor:
    """A 1 that a linear unit of weight 1 was given to keep, after `steps` steps; rows x 100 units."""
    layer = Recurrent(
        cell="rnn",
        activation="linear",
        input_size=1,
        hidden_size=100,
        recurrent_dropout=kind,  # type: ignore[arg-type]
        recurrent_dropout_share=SHARE,
    ).double()
    for parameter in layer.parameters():
        parameter.data.zero_()
    layer.kernels[0].hidden.data.copy_(torch.eye(100))
    start = torch.ones(1, rows, 100, dtype=torch.float64)
    _, (final,) = layer(torch.zeros(rows, steps, 1, dtype=torch.float64), initial=(start,))
    kept: Tensor = final[0].detach()
    return kept


@pytest.mark.parametrize(("kind", "survives"), [("step", 0.75**5), ("sequence", 0.75)])
def test_a_stored_value_survives_as_the_mask_is_drawn(kind: str, survives: float) -> None:
    """(1-p)^T with a fresh mask per step, 1-p with one per sequence; what survives was rescaled T times."""
    kept = linear_unit(kind, rows=400, steps=5)
    alive = kept != 0
    torch.testing.assert_close(kept[alive], torch.full_like(kept[alive], 0.75**-5))
    error = math.sqrt(survives * (1 - survives) / kept.numel())
    assert abs(float(alive.double().mean()) - survives) < 5 * error
    assert alive.any(0).all()  # each row and unit for itself
    assert alive.any(1).all()


def test_a_fresh_mask_keeps_a_linear_units_expectation_and_zoneout_its_value() -> None:
    kept = linear_unit("step", rows=1000, steps=5)
    error = float(kept.std()) / math.sqrt(kept.numel())
    assert abs(float(kept.mean()) - 1) < 5 * error
    assert (linear_unit("zoneout", rows=3, steps=5) == 1).all()


def starts(layers: Recurrent, rows: int = 200) -> Tensor:
    state = layers.start(torch.zeros(1, rows, D))
    return torch.zeros(rows, H) if state is None else torch.stack(list(state))


def test_a_random_start_is_fresh_in_training_and_zero_in_evaluation() -> None:
    layers = Recurrent(input_size=D, hidden_size=H, initial_state="random", bidirectional=True)
    first, second = starts(layers), starts(layers)
    assert first.shape == (2, 1, 200, 2 * H)
    assert not (first == second).any()
    assert len(first[0, 0].unique(dim=0)) == 200
    assert abs(float(first.mean())) < 0.07
    assert abs(float(first.std()) - 1) < 0.05
    inputs = torch.randn(B, S, D)
    assert not torch.equal(layers(inputs)[0], layers(inputs)[0])
    layers.eval()
    zero = Recurrent(input_size=D, hidden_size=H, bidirectional=True)
    zero.load_state_dict(layers.state_dict())
    assert torch.equal(layers(inputs)[0], zero(inputs)[0])


def test_a_learned_start_begins_at_zero_and_learns() -> None:
    layers = Recurrent(input_size=D, hidden_size=H, initial_state="learned", layers=2)
    assert not layers.start.state.any()
    layers(torch.randn(B, S, D))[0].sum().backward()
    assert layers.start.state.grad is not None
    assert layers.start.state.grad.abs().min() > 0
    start = torch.randn(2, B, H)
    zero = Recurrent(input_size=D, hidden_size=H, layers=2)
    zero.load_state_dict(layers.state_dict(), strict=False)
    layers.start.state.data.fill_(1.0)
    inputs = torch.randn(B, S, D)
    assert torch.equal(layers(inputs, initial=(start, start))[0], zero(inputs, initial=(start, start))[0])


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_orthogonal_weights_start_with_the_spectral_radius_of_their_scale(scale: float) -> None:
    layer = Recurrent(cell="rnn", input_size=D, hidden_size=H, recurrent_scale=scale)
    radii = torch.linalg.eigvals(layer.weights(0).hidden).abs()
    torch.testing.assert_close(radii, torch.full((H,), scale), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("options", "share"),
    [
        ({"cell": "gru"}, (3, 4)),
        ({"cell": "gru", "coupled_gates": True}, (2, 4)),
        ({"coupled_gates": True}, (3, 4)),
        ({"held_gates": ["input", "output"]}, (2, 4)),
    ],
)
def test_gates_that_follow_have_no_parameters(options: dict[str, Any], share: tuple[int, int]) -> None:
    def count(**options: Any) -> int:
        return sum(
            p.numel() for p in Recurrent(input_size=D, hidden_size=H, layers=2, **options).parameters()
        )

    assert count(**options) * share[1] == count() * share[0]


def test_the_forget_gates_bias_is_found_behind_gates_that_follow() -> None:
    layer = Recurrent(input_size=D, hidden_size=H, held_gates=["input"], forget_bias=2.5)
    weights = layer.weights(0)
    assert (weights.input_bias[H : 2 * H] + weights.hidden_bias[H : 2 * H] == 2.5).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cell": "gru", "held_gates": ["forget"]}, "gru has no gates forget"),
        ({"cell": "rnn", "coupled_gates": True}, "rnn has no gates to couple"),
        ({"bidirectional": True, "reversed": True}, "no order to reverse"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Recurrent(input_size=D, hidden_size=H, **options)
