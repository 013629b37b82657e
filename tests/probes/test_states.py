"""What h and c hold, where the answer is known."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from pipeline.errors import UserError
from pipeline.nn.language_model import LanguageModel
from pipeline.probes.states import REACH, commonest, damage, readout, states_of, streams

WORDS = np.arange(4, 11)
"""Seven words, behind the symbols that a tokenizer adds."""
TYPES = 11
BACK = [0, 1, 2, 3]


def text(tokens: int = 1200) -> np.ndarray:
    """Words drawn evenly, so that none tells of another."""
    return np.random.default_rng(0).choice(WORDS, tokens).astype(np.uint16)


@pytest.fixture
def read() -> tuple[Tensor, Tensor]:
    return streams(text(), BACK[-1])


def model(**options: Any) -> LanguageModel:
    torch.manual_seed(0)
    return LanguageModel(
        vocabulary=TYPES, embedding=TYPES, hidden=options.pop("hidden", 13), **options
    ).eval()


def shift(network: LanguageModel, *, output: float) -> LanguageModel:
    """One layer whose c holds one-hot words of this step and the one before; h shows both if `output` opens.

    The first units of c are the word just read, the others what the first were: read off h, so that a shut
    output gate lets c hold the word just read alone.
    """
    layer: Any = network.recurrent.kernels[0]
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
        network.embedding.weight.copy_(torch.eye(TYPES))
        size = 2 * TYPES
        gates = dict(zip(("input", "forget", "candidate", "output"), range(0, 4 * size, size), strict=True))
        layer.input_bias[gates["input"] : gates["input"] + size] = 100.0
        layer.input_bias[gates["forget"] : gates["forget"] + size] = -100.0
        layer.input_bias[gates["output"] : gates["output"] + size] = output
        start = gates["candidate"]
        layer.input[start : start + TYPES] = 5 * torch.eye(TYPES)
        layer.hidden[start + TYPES : start + size, :TYPES] = 5 * torch.eye(TYPES)
    return network


def accuracies(found: pd.DataFrame) -> dict[tuple[str, int], float]:
    return found.set_index(["state", "back"])["accuracy"].to_dict()


def test_a_word_is_told_as_far_back_as_the_state_holds_it(read: tuple[Tensor, Tensor]) -> None:
    network = shift(model(hidden=2 * TYPES), output=100.0)
    found = readout(states_of(network, read[0]), read[0], WORDS, BACK)
    told = accuracies(found)
    for state in "hc":
        assert told[state, 0] == told[state, 1] == 1
        assert told[state, 2] < 0.3
        assert told[state, 3] < 0.3
    assert found["chance"].between(1 / 7, 0.25).all()
    half = read[0][len(read[0]) // 2 :]
    assert set(found["tokens"]) == {half.shape[0] * (half.shape[1] - BACK[-1])}


def test_what_the_output_gate_hides_is_in_c_alone(read: tuple[Tensor, Tensor]) -> None:
    network = shift(model(hidden=2 * TYPES), output=-1000.0)
    told = accuracies(readout(states_of(network, read[0]), read[0], WORDS, BACK))
    assert told["c", 0] == 1
    assert told["h", 0] < 0.3
    assert told["c", 1] < 0.3  # the word before came back through h


def test_nothing_is_told_from_noise(read: tuple[Tensor, Tensor]) -> None:
    tokens, _ = streams(text(6000), BACK[-1])
    torch.manual_seed(0)
    noise = torch.randn(tokens.shape[1], 1, len(tokens), 5)
    found = readout((noise, noise), tokens, WORDS, BACK)
    assert (abs(found["accuracy"] - 1 / 7) < 0.03).all()


def test_states_are_those_that_the_network_hands_on(read: tuple[Tensor, Tensor]) -> None:
    network = model(layers=2)
    h, c = states_of(network, read[0])
    assert h.shape == c.shape == (read[0].shape[1], 2, len(read[0]), 13)
    outputs, (last_h, last_c) = network(read[0])
    torch.testing.assert_close(h[:, -1].transpose(0, 1), outputs)
    torch.testing.assert_close((h[-1], c[-1]), (last_h, last_c))


def test_a_state_that_nothing_reads_costs_nothing(read: tuple[Tensor, Tensor]) -> None:
    network = model(layers=2)
    for layer in network.recurrent.kernels:
        nn.init.zeros_(layer.hidden)  # type: ignore[arg-type]
    found = damage(network, states_of(network, read[0]), *read, BACK).set_index(["state", "back"])["nll"]
    assert found["h"].tolist() == [0.0] * len(BACK)
    assert (found["c"] != 0).all()
    for layer in network.recurrent.kernels:
        layer.input_bias[13:26].data.fill_(-1000.0)  # type: ignore[index, operator]
    found = damage(network, states_of(network, read[0]), *read, BACK)
    assert found["nll"].tolist() == [0.0] * 2 * len(BACK)


def test_damage_is_what_reading_on_from_the_altered_state_costs() -> None:
    network, back = model(layers=2), [0, 1, 2]
    tokens, targets = streams(text(2 * REACH * 3), back[-1])
    found = damage(network, states_of(network, tokens), tokens, targets, back)
    rises: dict[str, list[list[float]]] = {"h": [], "c": []}
    for row in range(len(tokens)):
        for step in (2, 12, 22):
            _, (h, c) = network(tokens[row : row + 1, : step + 1])
            rest = (tokens[row : row + 1, step + 1 : step + 4], targets[row : row + 1, step + 1 : step + 4])
            whole, _ = network.log_probabilities(*rest, (h, c))
            for state, altered in (("h", (0 * h, c)), ("c", (h, 0 * c))):
                rises[state].append((whole - network.log_probabilities(*rest, altered)[0])[0].tolist())
    for state, own in rises.items():
        mean = np.mean(own, 0)
        np.testing.assert_allclose(found.loc[found["state"] == state, "nll"], mean, atol=1e-6)


def test_streams_are_the_text_in_order_without_padding() -> None:
    ids = text(257)
    tokens, targets = streams(ids, 2)
    assert targets.shape == (8, 30)
    assert targets.flatten().tolist() == ids[:240].tolist()
    assert tokens.flatten().tolist() == [3, *ids[:239]]
    with pytest.raises(UserError, match=r"^states: 59 test tokens are read, 2 steps back need 60; raise"):
        streams(ids[:59], 2)


def test_the_commonest_words_are_no_symbols() -> None:
    assert commonest(np.array([3, 3, 3, 1, 1, 7, 7, 5, 9, 9, 9], dtype=np.uint16), 2).tolist() == [9, 7]
    assert commonest(np.array([3, 7], dtype=np.uint16), 5).tolist() == [7]


def test_a_text_without_the_words_is_one_line(read: tuple[Tensor, Tensor]) -> None:
    states = states_of(model(), read[0])
    with pytest.raises(UserError, match=r"^states: half of the text has fewer than two of the words; raise"):
        readout(states, read[0], WORDS[:1], BACK)
