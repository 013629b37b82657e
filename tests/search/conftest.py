"""A model whose every probability is known: a pure function of the sentence's first token and the prefix."""

import functools
import itertools
import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch

PAD, UNK, BOS, EOS = 0, 1, 2, 3
VOCABULARY = 7
WORDS = [UNK, 4, 5, 6]


@functools.cache
def log_probs_after(sentence: int, prefix: tuple[int, ...]) -> tuple[float, ...]:
    rng = np.random.default_rng([sentence, len(prefix), *prefix])
    return tuple(np.log(rng.dirichlet(np.ones(VOCABULARY))))


def attention_after(sentence: int, prefix: tuple[int, ...], width: int) -> list[float]:
    rng = np.random.default_rng([sentence, len(prefix), *prefix, 1])
    return rng.random(width).tolist()


@dataclass(frozen=True)
class FakeState:
    sentences: list[int]
    prefixes: list[tuple[int, ...]]
    width: int

    def select(self, indices):
        rows = indices.tolist()
        return FakeState([self.sentences[i] for i in rows], [self.prefixes[i] for i in rows], self.width)


class FakeModel:
    """Counts the rows that it was asked for."""

    def __init__(self, *, attention=True):
        self.attention = attention
        self.rows = 0

    def init_state(self, source, source_lengths):
        return FakeState(source[:, 0].tolist(), [()] * len(source), source.shape[1])

    def step(self, tokens, state):
        self.rows += len(tokens)
        assert len(tokens) == len(state.sentences)
        prefixes = [
            prefix if token == BOS else (*prefix, token)
            for prefix, token in zip(state.prefixes, tokens.tolist(), strict=True)
        ]
        asked = list(zip(state.sentences, prefixes, strict=True))
        log_probs = torch.tensor([log_probs_after(*row) for row in asked])
        attention = torch.tensor([attention_after(*row, state.width) for row in asked])
        return (
            log_probs,
            FakeState(state.sentences, prefixes, state.width),
            attention if self.attention else None,
        )


def exhaustive(sentence, limit, length_normalisation):
    """Every finished sequence of at most `limit` tokens, EOS counted: [(score, tokens)], best first."""
    found = []
    for length in range(limit):
        for words in itertools.product(WORDS, repeat=length):
            sequence = [*words, EOS]
            total = sum(
                log_probs_after(sentence, tuple(sequence[:i]))[token] for i, token in enumerate(sequence)
            )
            found.append((total / math.pow(len(sequence), length_normalisation), list(words)))
    return sorted(found, reverse=True)


@dataclass(frozen=True)
class Fakes:
    model = FakeModel
    exhaustive = staticmethod(exhaustive)
    attention_after = staticmethod(attention_after)
    bos, eos, pad, words = BOS, EOS, PAD, WORDS

    @staticmethod
    def source(*sentences, width=5):
        """Sentences by number, each padded to `width` and one shorter than the one before: (B, S), (B,)."""
        lengths = [width - i % (width - 1) for i in range(len(sentences))]
        rows = torch.zeros(len(sentences), width, dtype=torch.long)
        for row, sentence, length in zip(rows, sentences, lengths, strict=True):
            row[:length] = sentence
        return rows, torch.tensor(lengths)


@pytest.fixture(scope="session")
def fakes():
    return Fakes
