import math

import pytest
import torch
from torch import Tensor

from pipeline.nn.classifier import UNKNOWN, Classifier
from pipeline.nn.recurrent import Cell

V, C = 23, 3


def classifier(**options: object) -> Classifier:
    return Classifier(vocabulary=V, classes=C, embedding=5, hidden=7, **options).double()  # type: ignore[arg-type]


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_padding_changes_no_logit(cell: Cell, bidirectional: bool, pooling: str) -> None:
    model = classifier(cell=cell, bidirectional=bidirectional, pooling=pooling, layers=2).eval()
    lengths = torch.tensor([2, 11, 7, 1])
    tokens = torch.randint(4, V, (4, 11))
    logits = model(tokens, lengths)
    assert logits.shape == (4, C)
    for row, length in enumerate(lengths.tolist()):
        alone = model(tokens[row : row + 1, :length], lengths[row : row + 1])
        torch.testing.assert_close(logits[row : row + 1], alone, atol=1e-10, rtol=0)


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_pooling_summarises_the_real_steps(pooling: str) -> None:
    model = classifier(cell="gru", pooling=pooling).eval()
    tokens, lengths = torch.randint(4, V, (1, 11)), torch.tensor([5])
    outputs = model.recurrent(model.embedding(tokens[:, :5]))[0].detach()
    if pooling == "attention":
        scores = [float(outputs[0, step] @ model.score.weight[0].detach()) for step in range(5)]
        shares = [math.exp(score) / sum(map(math.exp, scores)) for score in scores]
        summary = sum(share * outputs[:, step] for step, share in enumerate(shares))
    else:
        summary = {"last": outputs[:, -1], "mean": outputs.mean(1), "max": outputs.amax(1)}[pooling]
    torch.testing.assert_close(model(tokens, lengths), model.output(summary), atol=1e-10, rtol=0)


def test_word_dropout_reads_words_as_unknown_in_training_only() -> None:
    model = classifier(word_dropout=0.999999)
    tokens, lengths = torch.randint(4, V, (2, 7)), torch.tensor([7, 7])
    unknown = torch.full_like(tokens, UNKNOWN)
    trained = model(tokens, lengths)
    model.eval()
    torch.testing.assert_close(trained, model(unknown, lengths))
    assert not torch.allclose(trained, model(tokens, lengths))


def test_word_dropout_drops_a_type_wherever_it_stands() -> None:
    model = Classifier(vocabulary=500, classes=2, embedding=4, hidden=4, word_dropout=0.5)
    read: list[Tensor] = []
    model.embedding.register_forward_hook(lambda _module, inputs, _outputs: read.append(inputs[0].t()))
    tokens = torch.randint(4, 500, (3, 400)).repeat(1, 2)
    model(tokens, torch.full((3,), 800))
    dropped = read[0] == UNKNOWN
    assert torch.equal(dropped[:, :400], dropped[:, 400:])
    assert not torch.equal(dropped[0], dropped[1])
    share = dropped.double().mean()
    assert 0.4 < share < 0.6


def test_learns_which_word_came_first() -> None:
    """The first of nine words decides: the state must carry it through the rest."""
    model = Classifier(vocabulary=V, classes=2, embedding=8, hidden=16)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(120):
        tokens = torch.randint(4, V, (64, 9))
        loss = torch.nn.functional.cross_entropy(model(tokens, torch.full((64,), 9)), tokens[:, 0] % 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    tokens = torch.randint(4, V, (256, 9))
    right = model(tokens, torch.full((256,), 9)).argmax(1) == tokens[:, 0] % 2
    assert float(right.float().mean()) > 0.95
