"""Introduction: lengths and padding, the recurrent layer, its activation."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from pipeline.nn.budget import count_parameters
from pipeline.nn.cells import RNN
from pipeline.nn.gates import GATES
from pipeline.nn.recurrent import Recurrent
from pipeline.probes.identities.check import About, Check, Checks, normal, shape

LENGTHS = (7, 14, 28)
SIZE, UNITS = 5, 3
"""As in the notes' picture."""


def variable_length() -> Iterator[Check]:
    about = About("intro-variable-length")
    flat = [flat_network(length) for length in LENGTHS]
    lengths = ", ".join(map(str, LENGTHS))
    counts = [count_parameters(network) for network in flat]
    yield about.rising(f"parameters of flat networks for texts of {lengths} words", counts)
    refused = reads(flat[0], LENGTHS[1])
    yield about.equal(f"a flat network for {LENGTHS[0]} words is given {LENGTHS[1]}", refused, "refuses them")
    # That an average can be read says nothing of how well: the claim's experiment does.
    averaged = {reads(averaging_network(), length) for length in LENGTHS}
    check = f"a feed-forward network on the average of {lengths} word vectors"
    yield about.equal(check, " and ".join(sorted(averaged)), "reads them")
    recurrent = Recurrent(input_size=SIZE, hidden_size=UNITS).double()
    answers = {reads(recurrent, length) for length in LENGTHS}
    check = f"one LSTM of {count_parameters(recurrent):,} parameters is given {lengths} words"
    yield about.equal(check, " and ".join(sorted(answers)), "reads them")
    told = normal(3, SIZE)
    pair = "“not good, bad” and “not bad, good”"
    averaging = averaging_network()
    one, other = (averaging(text.unsqueeze(0)) for text in (told, told[[0, 2, 1]]))
    yield about.near(f"{pair}: answers of a network on averaged words", one, other)
    one, other = (last_state(recurrent, text.unsqueeze(0)) for text in (told, told[[0, 2, 1]]))
    yield about.differ(f"{pair}: last states of the LSTM", one, other)


def padding() -> Iterator[Check]:
    about = About("intro-padding")
    rows = [normal(length, SIZE) for length in (11, 4, 7)]
    lengths = torch.tensor([len(row) for row in rows])
    pad = normal(SIZE)
    after = torch.stack([torch.cat((row, pad.expand(11 - len(row), -1))) for row in rows])
    before = torch.stack([torch.cat((pad.expand(11 - len(row), -1), row)) for row in rows])
    for cell in GATES:
        layers = Recurrent(input_size=SIZE, hidden_size=7, cell=cell, layers=2, bidirectional=True).double()
        alone = torch.cat([last_state(layers, row.unsqueeze(0)) for row in rows], 1)
        masked = last_state(layers, after, lengths)
        yield about.near(f"{cell}, padded after and masked, against each text alone", masked, alone)
    layers = Recurrent(input_size=SIZE, hidden_size=7).double()
    alone = torch.cat([last_state(layers, row.unsqueeze(0)) for row in rows], 1)
    packed = nn.utils.rnn.pack_sequence(rows, enforce_sorted=False)
    yield about.near(
        "lstm, packed, against each text alone", torch.cat(_torch_twin(layers)(packed)[1]), alone
    )
    for name, padded in (("after", after), ("before", before)):
        check = f"lstm, padded {name} and not masked, against each text alone"
        yield about.differ(check, last_state(layers, padded), alone)
    answers = {f"{reads(layers, length)} with {shape(layers.weights(0).input.T)}" for length in LENGTHS}
    check = "one lstm for 5 inputs and 7 units is given 7, 14, 28 words; its weights from input to gates"
    yield about.equal(check, "; ".join(answers), "reads them with (5, 28)")


def recurrent_layer() -> Iterator[Check]:
    about = About("intro-recurrent-layer")
    fused = Recurrent(input_size=SIZE, hidden_size=UNITS, cell="rnn").double()
    cell = RNN.of(fused.weights(0))
    into, back = cell.layer.on_input.weight, cell.layer.on_hidden.weight
    yield about.equal("weights from 5 inputs to 3 units: shape", shape(into.T), (5, 3))
    yield about.equal("weights from the 3 units back to them: shape", shape(back.T), (3, 3))
    yield about.equal("weights without biases", into.numel() + back.numel(), 5 * 3 + 3 * 3)
    inputs = normal(11, SIZE)
    outputs = cell(inputs).hidden
    check = "the layer step by step against torch's fused kernel"
    yield about.near(check, outputs, fused(inputs.unsqueeze(0))[0][0])
    handed = torch.stack([cell(inputs[t : t + 1], outputs[t - 1]).hidden[0] for t in range(1, 11)])
    check = "each step alone, handed the output of the step before, against the whole"
    yield about.near(check, handed, outputs[1:])
    cut = torch.stack([cell(inputs[t : t + 1]).hidden[0] for t in range(1, 11)])
    yield about.differ("each step alone, handed nothing, against the whole", cut, outputs[1:])


def activation() -> Iterator[Check]:
    about = About("intro-activation")
    steps = 11
    linear = Recurrent(input_size=SIZE, hidden_size=UNITS, cell="rnn", activation="linear").double()
    into, back, bias_in, bias_back = linear.weights(0)
    powers = [torch.linalg.matrix_power(back, steps - 1 - t) for t in range(steps)]
    one_map = torch.cat([power @ into for power in powers], 1)
    constant = torch.stack(powers).sum(0) @ (bias_in + bias_back)
    inputs = normal(1, steps, SIZE)
    check = "without an activation, the last state against one linear map of all inputs"
    yield about.near(check, linear(inputs)[1][0][0, 0], one_map @ inputs.flatten() + constant)
    other = normal(1, steps, SIZE)
    yield about.near(
        "without an activation, a sum of texts against the sum of answers", *_sums(linear, inputs, other)
    )
    for name in ("tanh", "relu"):
        layers = Recurrent(input_size=SIZE, hidden_size=UNITS, cell="rnn", activation=name).double()
        yield about.differ(
            f"with {name}, a sum of texts against the sum of answers", *_sums(layers, inputs, other)
        )


def last_state(layers: Recurrent, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
    """All its parts, an LSTM's c among them: rows are the second axis."""
    return torch.cat(layers(inputs, lengths)[1])


def flat_network(words: int) -> nn.Module:
    """A hidden layer over all words' vectors side by side."""
    return nn.Sequential(nn.Flatten(), nn.Linear(words * SIZE, 16), nn.ReLU(), nn.Linear(16, 1)).double()


def averaging_network() -> nn.Module:
    """A hidden layer over the average of the words' vectors."""
    average = nn.AdaptiveAvgPool2d((1, SIZE))
    return nn.Sequential(average, nn.Flatten(), nn.Linear(SIZE, 16), nn.ReLU(), nn.Linear(16, 1)).double()


def reads(network: nn.Module, words: int) -> str:
    try:
        network(normal(1, words, SIZE))
    except RuntimeError:
        return "refuses them"
    return "reads them"


def _sums(layers: Recurrent, one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """The last state of the sum of two inputs, and the sum of their last states; constants taken off."""
    nothing, *answers = [layers(inputs)[1][0] for inputs in (torch.zeros_like(one), one, other, one + other)]
    return answers[2] - nothing, answers[0] + answers[1] - 2 * nothing


def _torch_twin(layers: Recurrent) -> nn.LSTM:
    """torch's own LSTM with the same weights: it reads packed rows."""
    twin = nn.LSTM(SIZE, layers.hidden_size).double()
    for parameter, value in zip(twin.parameters(), layers.weights(0), strict=True):
        parameter.data.copy_(value)
    return twin


CHECKS: list[Checks] = [variable_length, padding, recurrent_layer, activation]
