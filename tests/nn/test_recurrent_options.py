"""Every option of `Recurrent` against its equations written out row by row, in float64, gradients too."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from pipeline.nn import gates, recurrent, stepwise
from pipeline.nn.gates import LayerWeights
from pipeline.nn.recurrent import Recurrent
from pipeline.nn.steps import unroll
from pipeline.nn.stepwise import Rule
from pipeline.nn.trace import trace

B, S, D, H = 3, 11, 5, 7
LENGTHS = [2, 11, 7]
SHARE = 0.25
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "linear": lambda pre: pre,
}
OPTIONS: dict[str, dict[str, Any]] = {
    "relu": {"cell": "rnn", "activation": "relu"},
    "linear": {"cell": "rnn", "activation": "linear"},
    "reset before": {"cell": "gru", "reset": "before"},
    "coupled gru": {"cell": "gru", "coupled_gates": True},
    "coupled gru, reset before": {"cell": "gru", "coupled_gates": True, "reset": "before"},
    "coupled lstm": {"cell": "lstm", "coupled_gates": True},
    "input held": {"cell": "lstm", "held_gates": ["input"]},
    "forget held": {"cell": "lstm", "held_gates": ["forget"]},
    "output held": {"cell": "lstm", "held_gates": ["output"]},
    "two held": {"cell": "lstm", "held_gates": ["output", "input"]},
    "coupled and held": {"cell": "lstm", "held_gates": ["output"], "coupled_gates": True},
    "learned start": {"cell": "lstm", "initial_state": "learned"},
    "reversed": {"cell": "gru", "reversed": True},
    "scaled": {"cell": "rnn", "recurrent_scale": 1.5, "recurrent_init": "default"},
}
DROPPED: dict[str, dict[str, Any]] = {
    f"{cell} {kind}": {"cell": cell, "recurrent_dropout": kind, "recurrent_dropout_share": SHARE}
    for cell in ("rnn", "gru", "lstm")
    for kind in ("step", "sequence", "weight", "zoneout")
} | {
    "gru step, reset before": {
        "cell": "gru",
        "reset": "before",
        "recurrent_dropout": "step",
        "recurrent_dropout_share": SHARE,
    }
}


class Masks:
    """Hands out dropout's masks in turn, and the same ones again after `again`."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.given: list[Tensor] = []
        patch.setattr(stepwise, "dropout", self.dropout)
        patch.setattr(stepwise, "keep_mask", self.keep)
        patch.setattr(gates, "dropout", self.dropout)

    def keep(self, shape: Any, share: float, device: torch.device) -> Tensor:
        self.given.append(torch.rand(tuple(shape)) >= share)
        return self.given[-1]

    def dropout(self, inputs: Tensor, share: float, training: bool) -> Tensor:
        if not training or not share:
            return inputs
        return inputs * self.keep(inputs.shape, share, inputs.device) / (1 - share)


def advance(
    layer: LayerWeights, rule: Rule, x: Tensor, state: tuple[Tensor, ...], drop: list[Tensor]
) -> tuple[Tensor, ...]:
    """One step of one row, gate by gate. `drop`: masks of h, or of the kept h and c."""
    parts = zip(*(p.chunk(len(layer.learned)) for p in parameters(layer)), strict=True)
    learned = dict(zip(layer.learned, parts, strict=True))
    h = state[0]
    recalled = h
    if rule.recurrent_dropout in ("step", "sequence") and drop:
        recalled = h * drop[0] / (1 - SHARE)

    def inner(name: str) -> Tensor:
        w, _, b, _ = learned[name]
        return w @ x + b

    def outer(name: str, h: Tensor) -> Tensor:
        _, u, _, b = learned[name]
        return u @ h + b

    def gate(name: str) -> Tensor:
        if name in layer.held:
            return torch.ones_like(h)
        if layer.coupled and name in ("input", "reset"):
            return 1 - gate({"input": "forget", "reset": "update"}[name])
        return torch.sigmoid(inner(name) + outer(name, recalled))

    new: tuple[Tensor, ...]
    if rule.cell == "rnn":
        new = (ACTIVATIONS[rule.activation](inner("candidate") + outer("candidate", recalled)),)
    elif rule.cell == "gru":
        r, z = gate("reset"), gate("update")
        if rule.reset == "before":
            candidate = torch.tanh(inner("candidate") + outer("candidate", r * recalled))
        else:
            candidate = torch.tanh(inner("candidate") + r * outer("candidate", recalled))
        new = (z * h + (1 - z) * candidate,)
    else:
        i, f, o = gate("input"), gate("forget"), gate("output")
        c = f * state[1] + i * torch.tanh(inner("candidate") + outer("candidate", recalled))
        new = (o * torch.tanh(c), c)
    if rule.recurrent_dropout == "zoneout":
        keeps = [mask.double() for mask in drop] or [torch.full_like(h, 1 - SHARE)] * len(state)
        new = tuple(k * fresh + (1 - k) * old for k, fresh, old in zip(keeps, new, state, strict=True))
    return new


def parameters(layer: LayerWeights) -> list[Tensor]:
    return [layer.input, layer.hidden, layer.input_bias, layer.hidden_bias]


def written_out(layers: Recurrent, inputs: Tensor, masks: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """What `layers(inputs, LENGTHS)` must return. `masks` in the order in which they were drawn."""
    drawn = iter(masks)
    rule, finals = layers.rule, []
    below = [inputs[row, :length] for row, length in enumerate(LENGTHS)]
    for index, layer in enumerate(layers.kernels):
        level, direction = divmod(index, layers.directions)
        assert isinstance(layer, LayerWeights)
        if not direction:
            outputs: list[list[Tensor]] = [[] for _ in LENGTHS]
            states: list[list[tuple[Tensor, ...]]] = [[] for _ in LENGTHS]
        parts = 2 if rule.cell == "lstm" else 1
        count = {"step": S, "sequence": 1, "zoneout": S * parts}.get(rule.recurrent_dropout, 0)
        own = [next(drawn) for _ in range(count if masks else 0)]
        for row, steps in enumerate(below):
            if layers.start.kind == "learned":
                units = slice(direction * H, (direction + 1) * H)
                state = tuple(part[level, 0, units] for part in layers.start.state)
            else:
                state = (torch.zeros(H, dtype=torch.float64),) * parts
            backward = direction or layers.reversed
            found = []
            for place, x in enumerate(steps.flip(0) if backward else steps):
                at = {"step": [place], "sequence": [0]}.get(
                    rule.recurrent_dropout, list(range(place * parts, (place + 1) * parts))
                )
                state = advance(layer, rule, x, state, [own[i][row] for i in at] if own else [])
                found.append(state[0])
            outputs[row].append(torch.stack(found[::-1] if backward else found))
            states[row].append(state)
        if direction == layers.directions - 1:
            below = [torch.cat(row, -1) for row in outputs]
            finals.append(
                [torch.stack([torch.cat(part) for part in zip(*row, strict=True)]) for row in states]
            )
    padded = torch.stack([nn.functional.pad(row, (0, 0, 0, S - len(row))) for row in below])
    return padded, [*torch.stack([torch.stack(layer, 1) for layer in finals], 1)]


def drawn_layers(options: dict[str, Any], **more: Any) -> Recurrent:
    layers = Recurrent(input_size=D, hidden_size=H, **options, **more).double()
    for parameter in layers.parameters():  # biases and learned states too
        parameter.data += 0.3 * torch.randn_like(parameter)
    return layers


def assert_equal(layers: Recurrent, masks: Masks | None = None) -> None:
    inputs = torch.randn(B, S, D, dtype=torch.float64, requires_grad=True)
    outputs, final = layers(inputs, torch.tensor(LENGTHS))
    drawn = [] if masks is None else masks.given
    expected, expected_final = written_out(layers, inputs, drawn)
    torch.testing.assert_close(outputs, expected, atol=1e-10, rtol=1e-10)
    torch.testing.assert_close(list(final), expected_final, atol=1e-10, rtol=1e-10)
    wanted = [inputs, *layers.parameters()]

    def gradients(outputs: Tensor, final: Any) -> Any:
        loss = outputs.sin().sum() + sum(part.square().sum() for part in final)
        return torch.autograd.grad(loss, wanted)

    torch.testing.assert_close(
        gradients(outputs, final), gradients(expected, expected_final), atol=1e-10, rtol=1e-10
    )


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        (name, shape)
        for name, options in OPTIONS.items()
        for shape in ({}, {"layers": 2}, {"layers": 2, "bidirectional": True})
        if not ("reversed" in options and "bidirectional" in shape)
    ],
    ids=str,
)
def test_equals_its_equations(name: str, shape: dict[str, Any]) -> None:
    assert_equal(drawn_layers(OPTIONS[name], **shape))


@pytest.mark.parametrize("shape", [{}, {"layers": 2, "bidirectional": True}], ids=str)
@pytest.mark.parametrize("name", [name for name in DROPPED if "weight" not in name])
def test_dropout_in_training_equals_its_equations(
    name: str, shape: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_equal(drawn_layers(DROPPED[name], **shape), Masks(monkeypatch))


@pytest.mark.parametrize("name", DROPPED)
def test_dropout_in_evaluation_equals_its_equations(name: str) -> None:
    layers = drawn_layers(DROPPED[name], layers=2, bidirectional=True).eval()
    assert_equal(layers)
    if "zoneout" not in name:
        plain = Recurrent(
            input_size=D, hidden_size=H, layers=2, bidirectional=True, cell=layers.cell
        ).double()
        plain.rule = Rule(layers.cell, reset=layers.rule.reset)
        plain.load_state_dict(layers.state_dict())
        inputs = torch.randn(B, S, D, dtype=torch.float64)
        assert torch.equal(layers(inputs)[0], plain(inputs)[0])


@pytest.mark.parametrize("options", [{"cell": "gru"}, {"cell": "lstm", "coupled_gates": True}], ids=str)
def test_weight_drop_drops_recurrent_weights_once_a_batch(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = drawn_layers(options, recurrent_dropout="weight", recurrent_dropout_share=SHARE)
    masks = Masks(monkeypatch)
    inputs = torch.randn(B, S, D, dtype=torch.float64)
    outputs, _ = layers(inputs, torch.tensor(LENGTHS))
    (mask,) = masks.given
    assert mask.shape == layers.kernels[0].hidden.shape
    plain = Recurrent(input_size=D, hidden_size=H, **options).double()
    plain.load_state_dict(layers.state_dict())
    plain.kernels[0].hidden.data *= mask.double() / (1 - SHARE)
    expected, _ = plain(inputs, torch.tensor(LENGTHS))
    torch.testing.assert_close(outputs, expected, atol=1e-12, rtol=0)
    dropped = torch.autograd.grad(outputs.sum(), layers.kernels[0].hidden)[0][~mask]
    assert not dropped.any()


def test_what_stays_on_the_fused_kernels() -> None:
    fused = [
        {},
        {"recurrent_dropout": "weight", "share": 0.5},
        {"recurrent_dropout": "zoneout", "share": 0.0},
        {"cell": "rnn"},
        {"cell": "rnn", "activation": "relu"},
        {"cell": "gru"},
    ]
    loops = [
        {"recurrent_dropout": "step", "share": 0.5},
        {"recurrent_dropout": "sequence", "share": 0.5},
        {"recurrent_dropout": "zoneout", "share": 0.5},
        {"cell": "rnn", "activation": "linear"},
        {"cell": "gru", "reset": "before"},
    ]
    assert [Rule(**options).fused(True) for options in fused] == ["lstm"] * 3 + ["tanh", "relu", "gru"]  # type: ignore[arg-type]
    assert [Rule(**options).fused(True) for options in loops] == [None] * 5  # type: ignore[arg-type]
    assert [Rule(**options).fused(False) for options in loops] == ["lstm"] * 2 + [None] * 3  # type: ignore[arg-type]


def test_zoneouts_evaluation_is_its_expectation_over_one_step() -> None:
    layer = drawn_layers(DROPPED["lstm zoneout"])
    inputs = torch.randn(1, 1, D, dtype=torch.float64)
    start = tuple(torch.randn(1, 1, H, dtype=torch.float64) for _ in range(2))
    many = 20000
    _, drawn = layer(inputs.expand(many, 1, D), initial=tuple(part.expand(1, many, H) for part in start))
    _, expected = layer.eval()(inputs, initial=start)
    for part, mean in zip(drawn, expected, strict=True):
        error = part.detach()[0].std(0) / math.sqrt(many)
        assert ((part.detach()[0].mean(0) - mean[0, 0]).abs() < 5 * error).all()


def test_one_mask_per_sequence_between_layers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = Recurrent(
        input_size=D,
        hidden_size=50,
        layers=2,
        dropout=0.5,
        recurrent_dropout="sequence",
        recurrent_dropout_share=SHARE,
    )
    read: list[Tensor] = []
    run = stepwise.run_stepwise

    def watched(*arguments: Any) -> Any:
        read.append(arguments[2])
        return run(*arguments)

    monkeypatch.setattr(recurrent, "run_stepwise", watched)
    layers(torch.randn(B, S, D))
    dropped = read[1] == 0
    assert torch.equal(dropped, dropped[:1].expand_as(dropped))
    assert not torch.equal(dropped[:, 0], dropped[:, 1])
    assert 0.3 < float(dropped[0].double().mean()) < 0.7


def test_a_linear_rnn_is_one_linear_map_of_its_inputs() -> None:
    """h_S = sum over t of U^(S-t) (W x_t + b): no depth in time."""
    layer = drawn_layers(OPTIONS["linear"])
    w, u, b, d = (part.detach() for part in parameters(layer.kernels[0]))  # type: ignore[arg-type]
    inputs = torch.randn(1, S, D, dtype=torch.float64)
    expected = sum(torch.linalg.matrix_power(u, S - 1 - t) @ (w @ x + b + d) for t, x in enumerate(inputs[0]))
    torch.testing.assert_close(layer(inputs)[0][0, -1], expected, atol=1e-9, rtol=0)


every_option = pytest.mark.parametrize(
    "options", [pytest.param(options, id=name) for name, options in {**OPTIONS, **DROPPED}.items()]
)


@every_option
def test_a_loop_that_is_fed_step_by_step_computes_the_same(options: dict[str, Any]) -> None:
    layers = drawn_layers({k: v for k, v in options.items() if k != "reversed"}, layers=2).eval()
    inputs = torch.randn(B, S, D, dtype=torch.float64)
    outputs, final = layers(inputs)
    projected, step = unroll(layers, inputs[..., :2])
    state = layers.start(inputs.transpose(0, 1)) or tuple(
        torch.zeros(2, B, H, dtype=torch.float64) for _ in final
    )
    for place, gates_ in enumerate(projected):
        state = step(gates_, inputs[:, place, 2:], state)
        torch.testing.assert_close(state[0][-1], outputs[:, place], atol=1e-10, rtol=0)
    torch.testing.assert_close(state, final, atol=1e-10, rtol=0)


@every_option
def test_a_trace_follows_the_options(options: dict[str, Any]) -> None:
    layers = drawn_layers(options, layers=2).eval()
    inputs = torch.randn(S, D, dtype=torch.float64)
    if options.get("recurrent_dropout") == "zoneout":
        with pytest.raises(Exception, match="trained with zoneout can't be traced"):
            trace(layers, inputs)
        return
    traced = trace(layers, inputs)
    torch.testing.assert_close(traced[-1].steps.hidden, layers(inputs[None])[0][0], atol=1e-10, rtol=0)
    assert {each.direction for each in traced} == {"backward" if layers.reversed else "forward"}


@every_option
def test_half_precision_stays_close(options: dict[str, Any]) -> None:
    layers = Recurrent(input_size=D, hidden_size=H, **options).eval()
    inputs = torch.randn(B, S, D)
    expected, _ = layers(inputs, torch.tensor(LENGTHS))
    with torch.autocast("cpu", torch.bfloat16):
        outputs, _ = layers(inputs, torch.tensor(LENGTHS))
    assert not torch.equal(outputs.float(), expected)
    torch.testing.assert_close(outputs.float(), expected, atol=0.05, rtol=0.05)
