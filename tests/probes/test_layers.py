"""What each layer holds, where the answer is known."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.config.schema.probes import Layers
from pipeline.errors import UserError
from pipeline.nn.classifier import Classifier
from pipeline.nn.recurrent import Recurrent
from pipeline.probes.layer_units import Texts, alone, by_layer, pooled, units_of_texts, units_of_words
from pipeline.probes.layers import DEEP, check, told
from pipeline.probes.tagged_words import TaggedWords

TYPES, UNITS = 11, 7


def network(**options: Any) -> Classifier:
    torch.manual_seed(0)
    made = Classifier(vocabulary=TYPES, classes=2, embedding=5, hidden=UNITS, layers=3, **options)
    for kernel in made.recurrent.kernels:
        for weight in kernel.parameters():
            weight.data.uniform_(-0.5, 0.5)
    if options.get("initial_state") == "learned":
        made.recurrent.start.state.data.uniform_(-0.5, 0.5)
    return made.eval()


@pytest.fixture
def tokens() -> tuple[Tensor, Tensor]:
    lengths = torch.tensor([13, 1, 8])
    read = torch.randint(4, TYPES, (3, 13), generator=torch.Generator().manual_seed(0))
    return read.masked_fill(torch.arange(13) >= lengths.unsqueeze(1), 0), lengths


@pytest.mark.parametrize(
    "options",
    [
        {"cell": "lstm"},
        {"cell": "gru", "bidirectional": True},
        {"cell": "rnn", "reversed": True, "inputs": "one_hot"},
        {"cell": "lstm", "initial_state": "learned"},
        {"cell": "gru", "reset": "before", "inputs": "one_hot", "bidirectional": True},
    ],
)
def test_every_layer_is_what_a_stack_cut_there_computes(
    options: dict[str, Any], tokens: tuple[Tensor, Tensor]
) -> None:
    whole = network(**options)
    (inputs, _), *layers = by_layer(whole, *tokens)
    torch.testing.assert_close(inputs[0], whole.embedding(tokens[0][0]))
    assert not inputs[1, 1:].any()
    for number, (outputs, last) in enumerate(layers, 1):
        cut = network(**options).recurrent
        cut.layers = number
        wanted, final = cut(inputs, tokens[1])
        torch.testing.assert_close(outputs, wanted)
        torch.testing.assert_close(last, final[0][-1])
    assert len(layers) == 3


def test_looking_changes_nothing(tokens: tuple[Tensor, Tensor]) -> None:
    whole = network()
    before = whole(*tokens)
    assert [type(one) for one in alone(whole.recurrent)] == [Recurrent] * 3
    by_layer(whole, *tokens)
    torch.testing.assert_close(whole(*tokens), before, rtol=0, atol=0)
    assert len(whole.recurrent.kernels) == whole.recurrent.layers == 3


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
def test_the_last_layer_is_pooled_as_the_network_pools_it(
    pooling: Any, tokens: tuple[Tensor, Tensor]
) -> None:
    whole = network(pooling=pooling)
    *_, top = units_of_texts(whole, Texts(*tokens, np.zeros(3, dtype=np.int64)))
    logits = whole.output(torch.from_numpy(top).float())
    torch.testing.assert_close(logits, whole(*tokens))


def test_a_learned_score_is_not_asked_of_other_layers(tokens: tuple[Tensor, Tensor]) -> None:
    (outputs, last), *_ = by_layer(network(), *tokens)
    torch.testing.assert_close(pooled(outputs, last, tokens[1], "attention")[2], outputs[2, :8].mean(0))


def test_words_are_read_where_they_stand() -> None:
    texts = [np.arange(4, 4 + length, dtype=np.uint16) for length in (1, 2, 3)] * 50
    sentences, steps = np.array([1, 2, 2, 148]), np.array([1, 0, 2, 1])
    whole = network()
    units = units_of_words(whole, TaggedWords(texts, sentences, steps, steps, np.array(["x"] * 4)))
    for row, (sentence, step) in enumerate(zip(sentences, steps, strict=True)):
        text = torch.from_numpy(texts[sentence].astype(np.int64))[None]
        for layer, (outputs, _) in enumerate(by_layer(whole, text, torch.tensor([text.shape[1]]))):
            np.testing.assert_allclose(units[layer][row], outputs[0, step].numpy(), atol=1e-6)


def test_a_layer_that_holds_the_answer_tells_it_and_noise_does_not() -> None:
    rng = np.random.default_rng(0)
    answers = [rng.choice(["a", "b", "c"], rows) for rows in (900, 1200)]
    holds = [np.stack([np.where(kind == each, 5.0, -5.0) for each in "abc"], 1) for kind in answers]
    noise = [rng.normal(size=(len(kind), 3)) for kind in answers]
    found = told("entity", list(zip(noise, holds, strict=True)), answers)
    assert [row["layer"] for row in found] == [0, 1]
    assert abs(found[0]["accuracy"] - 1 / 3) < 0.05
    assert found[1]["accuracy"] == 1
    assert {row["items"] for row in found} == {1200}
    assert found[0]["chance"] == max((answers[1] == each).mean() for each in "abc")


@pytest.mark.parametrize(
    ("fit", "asked", "line"),
    [
        (["a"] * 19 + ["b"], ["a"] * 19, "20 answers of 2 kinds to fit to and 19 to score"),
        (["a"] * 30, ["a"] * 20, "30 answers of 1 kinds to fit to and 20 to score"),
    ],
)
def test_too_few_answers_are_one_line(fit: list[str], asked: list[str], line: str) -> None:
    with pytest.raises(UserError, match=f"^layers: sentiment: {line}; needs 20 of 2 kinds: raise texts$"):
        check("sentiment", [np.array(fit), np.array(asked)], "raise texts")


def test_parameters_and_probe_mean_the_same_networks() -> None:
    assert Layers.deep == DEEP
