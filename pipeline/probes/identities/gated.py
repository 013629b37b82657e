"""GRUs and LSTMs: what a step hands on, how large its gates are, what each gate does."""

from collections.abc import Iterator
from fractions import Fraction

import torch
from torch import Tensor

from pipeline.nn.budget import count_parameters
from pipeline.nn.cells import GRU, LSTM, Layer
from pipeline.nn.recurrent import Recurrent
from pipeline.nn.stepwise import Reset
from pipeline.probes.identities.check import About, Check, Checks, normal, shape

SIZE, UNITS, STEPS = 5, 7, 11
"""m, d and the length of a text."""
RESETS: list[Reset] = ["before", "after"]


def gru() -> Iterator[Check]:
    about = About("gru-one-state")
    layers = {
        cell: Recurrent(input_size=SIZE, hidden_size=UNITS, cell=cell).double() for cell in ("gru", "lstm")
    }
    inputs = normal(STEPS, SIZE)
    final = layers["gru"](inputs.unsqueeze(0))[1]
    yield about.equal("states that a GRU hands from step to step", len(final), 1)
    cell = GRU.of(layers["gru"].weights(0), reset="before")
    steps = cell(inputs)
    yield about.equal(
        "reset gate at one step: shape, as that of h", shape(steps.reset[0]), shape(steps.hidden[0])
    )
    counts = [count_parameters(layers[name]) for name in ("gru", "lstm")]
    check = f"parameters of a GRU to those of an LSTM, {counts[0]:,} to {counts[1]:,}"
    yield about.equal(check, Fraction(*counts), Fraction(3, 4))

    for reset in RESETS:
        ours = Recurrent(input_size=SIZE, hidden_size=UNITS, cell="gru", reset=reset).double()
        ours.load_state_dict(layers["gru"].state_dict())
        check = f"a GRU that resets {reset} the recurrent product against its equations"
        yield about.near(check, ours(inputs.unsqueeze(0))[0][0], written_gru(layers["gru"], inputs, reset))
    check = "one reset before the product, as in the notes, against after it, as in torch"
    before, after = (written_gru(layers["gru"], inputs, reset) for reset in RESETS)
    yield about.differ(check, before, after)

    yield about.differ("the two gates, each with its own weights", steps.reset, steps.update)
    cell.update_gate.load_state_dict(cell.reset_gate.state_dict())
    alike = cell(inputs)
    yield about.near("the two gates, given the same weights: computed alike", alike.reset, alike.update)


def lstm() -> Iterator[Check]:
    about = About("lstm-two-states")
    layers = Recurrent(input_size=SIZE, hidden_size=UNITS).double()
    inputs = 10 * normal(STEPS, SIZE)
    final = layers(inputs.unsqueeze(0))[1]
    check = "states that an LSTM hands from step to step: shapes"
    yield about.equal(check, " and ".join(str(shape(part[0, 0])) for part in final), "(7,) and (7,)")
    cell = LSTM.of(layers.weights(0))
    gates = {"input": cell.input_gate, "forget": cell.forget_gate, "output": cell.output_gate}
    shapes = {shape(weights_on_both(layer)) for layer in gates.values()}
    check = "weights of each gate on [x; h], x of 5 and h of 7 numbers: shape"
    yield about.equal(check, "; ".join(map(str, shapes)), "(12, 7)")
    steps = cell(inputs)
    for name in gates:
        yield about.within(f"{name} gate on large inputs", getattr(steps, name), 0, 1)
    yield about.within("tanh of the cell state on large inputs", steps.cell.tanh(), -1, 1)
    yield about.within("hidden state on large inputs", steps.hidden, -1, 1)
    before = torch.cat((torch.zeros_like(steps.cell[:1]), steps.cell[:-1]))
    summed = steps.forget * before + steps.input * steps.candidate
    yield about.near("c_t against f * c_{t-1} + i * candidate, element by element", steps.cell, summed)
    yield about.near(
        "h_t against o * tanh(c_t), element by element", steps.hidden, steps.output * steps.cell.tanh()
    )
    check = "all steps against torch's fused kernel"
    yield about.near(check, steps.hidden, layers(inputs.unsqueeze(0))[0][0])


def forget_gate() -> Iterator[Check]:
    about = About("lstm-forget-gate")
    cell = LSTM(input_size=SIZE, hidden_size=UNITS).double()
    for gate in (cell.input_gate, cell.forget_gate, cell.candidate, cell.output_gate):
        # Gates that don't see h stay as they are when c is nudged.
        gate.on_hidden.weight.data.zero_()
    inputs, nudge = normal(STEPS, SIZE), normal(UNITS)
    check = f"share of a nudge to c that is left after 1 to {STEPS} steps, against the product of f"
    yield about.near(check, left(cell, inputs, nudge), cell(inputs).forget.cumprod(0))
    gates, shares = [], []
    for bias in (-1.0, 0.0, 1.0, 3.0):
        cell.forget_gate.on_input.bias.data.fill_(bias)
        gates.append(f"{cell(inputs).forget.mean():.2f}")
        shares.append(left(cell, inputs, nudge)[-1].mean().item())
    yield about.rising(f"forget gate {', '.join(gates)} on average: share left after {STEPS} steps", shares)
    for value, bias in ((0, -1e4), (1, 1e4)):
        cell.forget_gate.on_input.bias.data.fill_(bias)
        share = left(cell, inputs, nudge)[0]
        yield about.near(
            f"forget gate {value}: share left a step later", share, torch.full_like(share, value)
        )


def left(cell: LSTM, inputs: Tensor, nudge: Tensor) -> Tensor:
    """Share of a nudge to the first cell state that is in each later one: S H."""
    start = torch.zeros_like(nudge)
    with torch.no_grad():
        nudged, calm = (cell(inputs, start, begin).cell for begin in (start + nudge, start))
    share: Tensor = (nudged - calm) / nudge
    return share


def written_gru(layers: Recurrent, inputs: Tensor, reset: Reset) -> Tensor:
    """Cho et al. 2014, equations 5 to 8, the reset gate before the recurrent product or after it: S H."""
    weights = layers.weights(0)
    (w_r, w_z, w_n), (u_r, u_z, u_n) = weights.input.chunk(3), weights.hidden.chunk(3)
    (b_r, b_z, b_n), (c_r, c_z, c_n) = weights.input_bias.chunk(3), weights.hidden_bias.chunk(3)
    states = [inputs.new_zeros(UNITS)]
    for x in inputs:
        h = states[-1]
        r = torch.sigmoid(w_r @ x + b_r + u_r @ h + c_r)
        z = torch.sigmoid(w_z @ x + b_z + u_z @ h + c_z)
        recalled = u_n @ (r * h) + c_n if reset == "before" else r * (u_n @ h + c_n)
        states.append(z * h + (1 - z) * torch.tanh(w_n @ x + b_n + recalled))
    return torch.stack(states[1:])


def weights_on_both(gate: Layer) -> Tensor:
    """A gate's weights on [x; h], inputs by units."""
    return torch.cat((gate.on_input.weight, gate.on_hidden.weight), 1).T


CHECKS: list[Checks] = [gru, lstm, forget_gate]
