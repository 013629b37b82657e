"""A translator of a few words, as it is before training, and what it was asked."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Unpack

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pipeline.nn.decoder import State
from pipeline.nn.translator import Translator
from pipeline.nn.writer import WriterOptions

PAD, BOS, EOS = 0, 2, 3
VOCABULARY = 7
"""PAD, an unknown word, BOS, EOS, and three words."""
LIMIT = 4
"""Most words of an output, EOS counted."""
DECIDED = 4.0
"""Factor of the weights: as they are drawn, all words are nearly as likely after every text."""


def translator(*, bidirectional: bool = True, **options: Unpack[WriterOptions]) -> Translator:
    """In float64 and evaluation mode; embeddings of 5, states of 8 numbers."""
    network = Translator(
        source_vocabulary=11,
        target_vocabulary=VOCABULARY,
        embedding=5,
        hidden=8,
        bidirectional=bidirectional,
        **options,
    )
    for parameter in network.parameters():
        parameter.data.mul_(DECIDED)
    return network.double().eval()


def sources(rows: int = 3, words: int = 7) -> tuple[Int[Tensor, "B S"], Int[Tensor, "B"]]:
    """Random sentences, each one word shorter than the one before, and their lengths."""
    lengths = torch.tensor([max(words - row, 1) for row in range(rows)])
    tokens = torch.randint(4, 11, (rows, words))
    return tokens.masked_fill(torch.arange(words) >= lengths.unsqueeze(1), PAD), lengths


def settings(rows: int, limit: int = LIMIT) -> dict[str, Any]:
    """What a search is told besides model and sources."""
    return {"max_lengths": torch.full((rows,), limit), "bos": BOS, "eos": EOS, "pad": PAD}


@dataclass
class Recorder:
    """A model that a search asks, and what it is asked: the words it reads, and the scores it answers."""

    model: Translator
    read: list[list[int]] = field(default_factory=list)
    scored: list[tuple[int, int]] = field(default_factory=list)
    """Rows and words of each step's scores."""

    def init_state(self, source: Int[Tensor, "B S"], source_lengths: Int[Tensor, "B"]) -> State:
        return self.model.init_state(source, source_lengths)

    def step(
        self, tokens: Int[Tensor, "N"], state: State
    ) -> tuple[Float[Tensor, "N V"], State, Float[Tensor, "N S"] | None]:
        log_probs, state, attention = self.model.step(tokens, state)
        self.read.append(tokens.tolist())
        self.scored.append((len(log_probs), log_probs.shape[1]))
        return log_probs, state, attention


@contextmanager
def looked_up(table: nn.Embedding) -> Iterator[list[Tensor]]:
    """The ids that are looked up in the meantime, call by call."""
    calls: list[Tensor] = []
    with table.register_forward_pre_hook(lambda _, arguments: calls.append(arguments[0])):
        yield calls


@torch.no_grad()
def exhaustive(model: Translator, source: Tensor, length: Tensor) -> tuple[float, list[int]]:
    """The best finished output of at most `LIMIT` tokens, EOS counted: log-probability per token, words."""
    words = [word for word in range(VOCABULARY) if word not in (PAD, BOS, EOS)]
    begun = model.init_state(source, length)
    found: list[tuple[float, list[int]]] = []
    for count in range(LIMIT):
        outputs = [[*chosen, EOS] for chosen in itertools.product(words, repeat=count)]
        rows = torch.tensor([[BOS, *output] for output in outputs])
        state = begun.select(torch.zeros(len(rows), dtype=torch.long))
        totals = torch.zeros(len(rows), dtype=torch.float64)
        for before, after in itertools.pairwise(rows.unbind(1)):
            log_probs, state, _ = model.step(before, state)
            totals += log_probs.gather(1, after.unsqueeze(1)).squeeze(1)
        scores: list[float] = (totals / (count + 1)).tolist()
        found += [(score, output[:-1]) for score, output in zip(scores, outputs, strict=True)]
    return max(found)


def spelled(outputs: Iterable[Iterable[int]]) -> str:
    """Words by number, outputs apart."""
    return " | ".join(" ".join(map(str, words)) for words in outputs)
