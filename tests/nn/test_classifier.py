import math

import pytest
import torch
from torch import Tensor

from pipeline.nn.classifier import UNKNOWN, Classifier
from pipeline.nn.recurrent import Cell, Recurrent

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


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        (cell, options)
        for cell in ("rnn", "gru", "lstm")
        for options in ({}, {"bidirectional": True, "layers": 2}, {"coupled_gates": True})
        if not (cell == "rnn" and "coupled_gates" in options)
    ],
    ids=str,
)
def test_one_hot_words_are_rows_of_the_input_weights(cell: Cell, options: dict[str, object]) -> None:
    """The same layers on dense one-hot vectors, with the table's rows as columns of their weights."""
    model = classifier(cell=cell, inputs="one_hot", **options)
    dense = Recurrent(cell=cell, input_size=V, hidden_size=7, **options).double()  # type: ignore[arg-type]
    dense.load_state_dict(model.recurrent.state_dict(), strict=False)
    for direction, part in enumerate(model.embedding.weight.detach().chunk(dense.directions, 1)):
        dense.kernels[direction].input.data.copy_(part.t())
    lengths = torch.tensor([2, 11, 7])
    tokens = torch.randint(4, V, (3, 11))
    one_hot = torch.nn.functional.one_hot(tokens, V).double()
    _, final = dense(one_hot, lengths)
    logits, expected = model(tokens, lengths), model.output(final[0][-1])
    torch.testing.assert_close(logits, expected, atol=1e-10, rtol=0)
    (table,) = torch.autograd.grad(logits.square().sum(), [model.embedding.weight])
    columns = [dense.kernels[direction].input for direction in range(dense.directions)]
    gradients = torch.autograd.grad(expected.square().sum(), columns)
    torch.testing.assert_close(table, torch.cat([each.t() for each in gradients], 1), atol=1e-10, rtol=0)
    counts = [sum(p.numel() for p in each.parameters()) for each in (model.recurrent, dense)]
    assert counts[0] + model.embedding.weight.numel() == counts[1]


def test_one_hot_words_are_drawn_as_input_weights_and_have_no_dropout_of_their_own() -> None:
    model = Classifier(vocabulary=1000, classes=C, inputs="one_hot", hidden=16, dropout=0.5)
    weight = model.embedding.weight.detach()
    assert weight.shape == (1000, 64)
    assert 0.24 < float(weight.abs().max()) <= 0.25
    read: list[Tensor] = []
    model.recurrent.register_forward_pre_hook(lambda _module, inputs: read.append(inputs[0]))
    model(torch.randint(4, 1000, (2, 7)), torch.tensor([7, 7]))
    assert (read[0] != 0).all()


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_a_reversed_classifier_reads_the_real_steps_from_their_end(pooling: str) -> None:
    model = classifier(cell="gru", pooling=pooling, reversed=True).eval()
    plain = classifier(cell="gru", pooling=pooling).eval()
    plain.load_state_dict(model.state_dict())
    lengths = torch.tensor([2, 11, 7, 1])
    tokens = torch.randint(4, V, (4, 11))
    turned = tokens.clone()
    for row, length in enumerate(lengths.tolist()):
        turned[row, :length] = tokens[row, :length].flip(0)
    torch.testing.assert_close(model(tokens, lengths), plain(turned, lengths), atol=1e-10, rtol=0)


def test_one_mask_for_all_words_of_a_text_under_variational_dropout() -> None:
    def zeros(kind: str) -> Tensor:
        model = Classifier(
            vocabulary=V,
            classes=C,
            embedding=40,
            hidden=7,
            dropout=0.5,
            recurrent_dropout=kind,  # type: ignore[arg-type]
            recurrent_dropout_share=0.25,
        )
        read: list[Tensor] = []
        model.recurrent.register_forward_pre_hook(lambda _module, inputs: read.append(inputs[0] == 0))
        model(torch.randint(4, V, (3, 11)), torch.full((3,), 11))
        return read[0]

    dropped = zeros("sequence")
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert not torch.equal(dropped[0], dropped[1])
    dropped = zeros("weight")
    assert not torch.equal(dropped, dropped[:, :1].expand_as(dropped))
