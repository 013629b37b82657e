from typing import Any

import pytest
import torch
from torch.nn import functional as F

from pipeline.nn.reader import ReadingClassifier

B, S, WORDS = 3, 7, 23


def reader(**options: Any) -> ReadingClassifier:
    network = ReadingClassifier(vocabulary=WORDS, classes=2, embedding=5, hidden=11, **options)
    return network.double().eval()


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_loss_is_that_of_each_next_word_and_the_state_goes_on(cell: str) -> None:
    network = reader(cell=cell)
    tokens, targets = torch.randint(1, WORDS, (2, B, S))
    targets[1, 4:] = 0
    total, state = network.reading_loss(tokens, targets, None)
    first, between = network.reading_loss(tokens[:, :4], targets[:, :4], None)
    second, end = network.reading_loss(tokens[:, 4:], targets[:, 4:], between)
    torch.testing.assert_close(first + second, total)
    torch.testing.assert_close(end, state)
    assert not any(part.requires_grad for part in state)
    outputs, _ = network.recurrent(network.embedding(tokens))
    logits = network.to_word(outputs) @ network.embedding.weight.T + network.word_bias
    torch.testing.assert_close(
        total, F.cross_entropy(logits.mT, targets, ignore_index=0, reduction="sum"), atol=1e-9, rtol=0
    )


def test_reading_teaches_what_classifying_uses_and_not_the_classes() -> None:
    network = reader(pooling="attention")
    tokens = torch.randint(1, WORDS, (B, S))
    network.reading_loss(tokens, tokens, None)[0].backward()  # type: ignore[no-untyped-call]
    taught = {name for name, parameter in network.named_parameters() if parameter.grad is not None}
    assert taught == {
        "embedding.weight",
        "to_word.weight",
        "to_word.bias",
        "word_bias",
        *(f"recurrent.kernels.0.{name}" for name in ("input", "hidden", "input_bias", "hidden_bias")),
    }
