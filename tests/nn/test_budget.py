"""`hidden: auto`: the largest network within the budget, and the one that its size would have made."""

from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.build import classifier, rater, tagger, translator
from pipeline.config.schema.classification import ClassifierModel
from pipeline.config.schema.rating import RaterModel
from pipeline.config.schema.tagging import TaggerModel
from pipeline.config.schema.translation import TranslatorModel
from pipeline.errors import UserError
from pipeline.nn.budget import count_parameters, largest_hidden

FACTS: dict[str, Any] = {
    "vocabulary": {"text": 101, "words": 97, "characters": 29, "source": 53, "target": 59},
    "classes": ["bad", "good"],
    "tags": ["A", "B", "C"],
    "levels": [1, 2, 7],
    "joint_vocabulary": False,
}


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 5000), st.integers(1, 4), st.integers(1, 10**6))
def test_the_largest_multiple_within_the_budget(a: int, b: int, c: int, multiple: int, budget: int) -> None:
    def count(hidden: int) -> int:
        return a * hidden**2 + b * hidden + c

    assume(count(multiple) <= budget)
    found = largest_hidden(count, budget, multiple=multiple)
    assert found % multiple == 0
    assert count(found) <= budget < count(found + multiple)


CLASSIFIERS: list[dict[str, Any]] = [
    {},
    {"cell": "rnn", "layers": 4, "bidirectional": True, "pooling": "attention"},
    {"cell": "gru", "inputs": "one_hot", "coupled_gates": True},
    {"held_gates": ["input"], "initial_state": "learned"},
]


def hidden_of(network: Any) -> int:
    network = getattr(network, "reader", network)
    layers = network.writer.decoder.recurrent if hasattr(network, "writer") else network.recurrent
    hidden: int = layers.hidden_size
    return hidden


@pytest.mark.parametrize(
    ("module", "model", "multiple"),
    [
        *[(classifier, ClassifierModel(embedding=5, **options), 1) for options in CLASSIFIERS],
        (rater, RaterModel(embedding=5, head="ordinal"), 1),
        (tagger, TaggerModel(embedding=5, characters=4), 1),
        (translator, TranslatorModel(embedding=5), 2),
        (
            translator,
            TranslatorModel(embedding=5, bidirectional=False, attention="bahdanau", layers=2),
            1,
        ),
    ],
    ids=str,
)
def test_a_solved_network_is_the_largest_and_no_other(module: Any, model: Any, multiple: int) -> None:
    budget = 30_011
    fields = model.model_dump()
    torch.manual_seed(3)
    solved = module.build(fields | {"hidden": "auto", "parameters": budget}, FACTS)
    hidden = hidden_of(solved)
    assert hidden % multiple == 0
    torch.manual_seed(3)
    named = module.build(fields | {"hidden": hidden}, FACTS)
    assert all(torch.equal(a, b) for a, b in zip(solved.parameters(), named.parameters(), strict=True))
    larger = module.build(fields | {"hidden": hidden + multiple}, FACTS)
    assert count_parameters(solved) <= budget < count_parameters(larger)


def test_a_budget_that_nothing_fits_is_an_error() -> None:
    model = ClassifierModel(hidden="auto", parameters=500, embedding=5).model_dump()
    least = 101 * 5 + 4 * (5 + 1 + 2) + 2 + 2
    message = f"^model.parameters: 500 is too small, hidden 1 alone has {least}; allow more$"
    with pytest.raises(UserError, match=message):
        classifier.build(model, FACTS)
