"""Answers to sequences of symbols and numbers, also to those that a person writes down."""

import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import torch

from pipeline.bundle.load import Bundle
from pipeline.data.step_batches import StepsBatch
from pipeline.data.symbols import ASK, BLANK, FIRST_LETTER, MARK
from pipeline.errors import UserError

BATCH_STEPS = 16_384
SIGNS = {".": BLANK, "?": ASK}
NUMBER = re.compile(r"(\d+(?:\.\d+)?)(\*?)")


@torch.inference_mode()
def answer_batches(bundle: Bundle, batches: Iterable[StepsBatch]) -> list[npt.NDArray[np.float64]]:
    """Of each batch the answers where it asks, row by row: symbols by number, or the numbers themselves."""
    device = next(bundle.network.parameters()).device
    found = []
    for batch in batches:
        inputs = (part.to(device) for part in (batch.symbols, batch.numbers, batch.lengths))
        scores = bundle.network(*inputs).cpu()[batch.asked]
        answers = scores.argmax(-1) if bundle.description["wanted"] == "symbols" else scores[:, 0]
        found.append(answers.numpy().astype(np.float64))
    return found


def solve(bundle: Bundle, texts: Sequence[str]) -> list[list[str]]:
    """What is written at each question mark of each text, in the texts' order.

    A text's steps stand apart by blanks: a letter, `.` for nothing, `?` for what is asked; or, for sums,
    numbers, of which marked ones have a star: `0.25* 0.8 0.5* ?`.

    Raises:
        UserError: a text holds something else, or asks nothing.
    """
    return [_solved(bundle, _steps(text, place, bundle), place) for place, text in enumerate(texts)]


def _solved(bundle: Bundle, steps: list[tuple[int, float]], place: int) -> list[str]:
    symbols, numbers = zip(*steps, strict=True)
    asked = np.array([symbol == ASK for symbol in symbols])
    if not asked.any():
        raise UserError(f"text {place}: asks nothing; write ? where an answer is wanted")
    batch = StepsBatch(
        symbols=torch.tensor([symbols]),
        numbers=torch.tensor([numbers], dtype=torch.float32),
        lengths=torch.tensor([len(symbols)]),
        targets=torch.zeros(1, len(symbols)),
        distances=torch.from_numpy(asked.astype(np.int64))[None],
        rows=torch.zeros(1, dtype=torch.int64),
        weight=1.0,
    )
    (answers,) = answer_batches(bundle, [batch])
    if bundle.description["wanted"] == "numbers":
        return [f"{answer:.4f}" for answer in answers]
    return [_sign(int(answer)) for answer in answers]


def _steps(text: str, place: int, bundle: Bundle) -> list[tuple[int, float]]:
    symbols, sums = bundle.description["symbols"], bundle.description["wanted"] == "numbers"
    last = chr(ord("a") + symbols - FIRST_LETTER - 1)
    steps: list[tuple[int, float]] = []
    for word in text.split():
        number = NUMBER.fullmatch(word)
        letter = FIRST_LETTER + ord(word) - ord("a") if len(word) == 1 else 0
        if word == "?":
            steps.append((ASK, 0.0))
        elif sums and number:
            steps.append((MARK if number[2] else BLANK, float(number[1])))
        elif not sums and (word == "." or FIRST_LETTER <= letter < symbols):
            steps.append((SIGNS.get(word, letter), 0.0))
        else:
            allowed = "numbers, marked ones as 0.25*, and ?" if sums else f"letters a to {last}, . and ?"
            raise UserError(f"text {place}: {word!r} is no step; allowed are {allowed}, blanks between")
    if not steps:
        raise UserError(f"text {place}: is empty; write steps with blanks between, ? at the end")
    return steps


def _sign(symbol: int) -> str:
    signs = {number: sign for sign, number in SIGNS.items()}
    return chr(ord("a") + symbol - FIRST_LETTER) if symbol >= FIRST_LETTER else signs.get(symbol, "-")
