"""The shapes that the annotations promise, checked while the networks run."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from jaxtyping import TypeCheckError

B, S, T, V, C = 3, 7, 5, 23, 2
LENGTHS = torch.tensor([7, 2, 5])


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_classifier(checked: SimpleNamespace, cell: str, pooling: str) -> None:
    model = checked.classifier.Classifier(
        vocabulary=V,
        classes=C,
        cell=cell,
        embedding=11,
        hidden=13,
        layers=2,
        bidirectional=True,
        pooling=pooling,
    )
    assert model(torch.randint(V, (B, S)), LENGTHS).shape == (B, C)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize(
    "decoder",
    [
        {"attention": "none", "tied_embeddings": True},
        {"attention": "luong", "score": "concat"},
        {"attention": "luong", "input_feeding": True, "tied_embeddings": True},
        {"attention": "luong", "asks": "before", "normaliser": "sum", "context": "mean"},
        {"attention": "bahdanau", "score": "concat"},
    ],
    ids=["none", "luong", "feeding", "before", "bahdanau"],
)
def test_translator(checked: SimpleNamespace, cell: str, decoder: dict[str, Any]) -> None:
    model = checked.translator.Translator(
        source_vocabulary=V, target_vocabulary=29, cell=cell, embedding=11, hidden=26, layers=2, **decoder
    )
    source, target = torch.randint(V, (B, S)), torch.randint(29, (B, T))
    target_lengths = torch.tensor([5, 3, 2])
    model.loss(source, LENGTHS, target, target_lengths).total.backward()
    model.loss(source, LENGTHS, target, target_lengths, teacher_forcing=0.5).total.backward()
    log_probs, state, _ = model.step(target[:, 0], model.init_state(source, LENGTHS))
    assert log_probs.shape == (B, 29)
    assert state.select(torch.tensor([1, 1, 0, 2])).recurrent[0].shape == (2, 4, 26)


@pytest.mark.parametrize("attention", ["luong", "bahdanau"])
def test_a_cell_that_asks(checked: SimpleNamespace, attention: str) -> None:
    model = checked.translator.Translator(
        source_vocabulary=V, target_vocabulary=29, hidden=26, attention=attention, query="hidden_and_cell"
    )
    target_lengths = torch.tensor([5, 3, 2])
    model.loss(torch.randint(V, (B, S)), LENGTHS, torch.randint(29, (B, T)), target_lengths).total.backward()


@pytest.mark.parametrize("crf", [False, True])
def test_tagger(checked: SimpleNamespace, crf: bool) -> None:
    model = checked.tagger.Tagger(words=V, letters=17, tags=5, embedding=11, hidden=13, layers=2, crf=crf)
    words, characters = torch.randint(V, (B, S)), torch.randint(1, 17, (B, S, 2))
    model.loss(words, characters, LENGTHS, torch.randint(5, (B, S))).backward()
    assert model.tag(words, characters, LENGTHS).shape == (B, S)


def test_a_wrong_shape_is_caught(checked: SimpleNamespace) -> None:
    model = checked.classifier.Classifier(vocabulary=V, classes=C)
    with pytest.raises(TypeCheckError):
        model(torch.randint(V, (B, S)), LENGTHS[:2])
