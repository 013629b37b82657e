"""Answers step by step: padding changes nothing, nothing later is seen, and what was read is recalled."""

from typing import Any

import pytest
import torch

from pipeline.nn.recaller import Recaller

SYMBOLS = 9
LENGTHS = torch.tensor([2, 11, 7])


def recaller(outputs: int = SYMBOLS, **options: Any) -> Recaller:
    return Recaller(symbols=SYMBOLS, outputs=outputs, embedding=5, hidden=7, **options).double().eval()


def sequences() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randint(1, SYMBOLS, (3, 11)), torch.rand(3, 11, dtype=torch.float64)


@pytest.mark.parametrize("outputs", [1, SYMBOLS])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_padding_changes_no_answer(cell: str, outputs: int) -> None:
    model = recaller(outputs, cell=cell, layers=2)
    symbols, numbers = sequences()
    together = model(symbols, numbers, LENGTHS)
    assert together.shape == (3, 11, outputs)
    for row, length in enumerate(LENGTHS.tolist()):
        part = symbols[row : row + 1, :length], numbers[row : row + 1, :length], LENGTHS[row : row + 1]
        torch.testing.assert_close(model(*part)[0], together[row, :length])


def test_an_answer_sees_what_came_before_and_nothing_later() -> None:
    model = recaller()
    symbols, numbers = sequences()
    numbers.requires_grad_()
    model(symbols, numbers, torch.tensor([11, 11, 11]))[:, 5].sum().backward()
    assert numbers.grad is not None
    assert bool((numbers.grad[:, :6] != 0).all())
    assert not numbers.grad[:, 6:].any()


def test_learns_to_repeat_what_was_read_three_steps_before() -> None:
    torch.manual_seed(0)
    model = Recaller(symbols=SYMBOLS, outputs=SYMBOLS, hidden=32, cell="gru")
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    lengths = torch.full((32,), 12)

    def right(train: bool) -> float:
        symbols = torch.randint(1, SYMBOLS, (32, 12))
        scores = model(symbols, torch.zeros(32, 12), lengths)[:, 3:]
        wanted = symbols[:, :-3]
        if train:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(scores.flatten(0, 1), wanted.flatten()).backward()
            optimizer.step()
        return float((scores.argmax(-1) == wanted).float().mean())

    for _ in range(250):
        right(train=True)
    assert right(train=False) > 0.95
