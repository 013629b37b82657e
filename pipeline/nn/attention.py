"""Attention: how well each memory row answers each query, and what the memory then says.

A score holds no memory: `keys` projects the memory once, and the caller passes the result to every call.
"""

from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from pipeline.nn.recurrent import FinalState
from pipeline.nn.reused import Reused

Score = Literal["dot", "general", "concat"]
"""Luong's three; `concat` is Bahdanau's additive score."""
Query = Literal["hidden", "hidden_and_cell"]
"""What of the decoder's top layer asks: h, or an LSTM's [h; c]."""
Normaliser = Literal["softmax", "sum"]
"""How scores become weights: e^s / sum of e^s, or s / sum of s, as the lecture notes write it."""
Stepwise = Callable[[Tensor], Tensor]
"""Of a score: queries B 1 Q -> scores B 1 S; of an attention: query B Q -> weights B 1 S."""


class MultiplicativeScore(nn.Module):
    """q·m (`dot`) or q·(W m) (`general`): Luong et al. 2015, section 3.1."""

    def __init__(self, *, query_size: int, memory_size: int, projected: bool) -> None:
        super().__init__()
        if not projected and query_size != memory_size:
            raise ValueError(f"dot score: query size {query_size} and memory size {memory_size} differ")
        self.projection: nn.Module = (
            nn.Linear(memory_size, query_size, bias=False) if projected else nn.Identity()
        )

    def keys(self, memory: Float[Tensor, "B S M"]) -> Float[Tensor, "B S H"]:
        keys: Tensor = self.projection(memory)
        return keys

    def forward(
        self, queries: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]
    ) -> Float[Tensor, "B T S"]:
        return queries @ keys.mT

    def stepwise(self, keys: Float[Tensor, "B S H"]) -> Stepwise:
        """The same for a loop over steps."""
        return Reused(keys)


class AdditiveScore(nn.Module):
    """v·tanh(W q + U m + b), of as many units as the memory has.

    Bahdanau et al. 2015, section A.1.2; Luong et al. 2015 call it `concat`.
    """

    def __init__(self, *, query_size: int, memory_size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, memory_size, bias=False)
        self.memory = nn.Linear(memory_size, memory_size)
        self.vector = nn.Linear(memory_size, 1, bias=False)

    def keys(self, memory: Float[Tensor, "B S M"]) -> Float[Tensor, "B S H"]:
        keys: Tensor = self.memory(memory)
        return keys

    def forward(
        self, queries: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]
    ) -> Float[Tensor, "B T S"]:
        """Step by step, and once more in the backward pass, so that B x T x S x H numbers are never held."""
        projected = self.query(queries).split(1, 1)
        return torch.cat([checkpoint(self._compare, q, keys, use_reentrant=False) for q in projected], 1)

    def stepwise(self, keys: Float[Tensor, "B S H"]) -> Stepwise:
        """The same for a loop over steps."""
        project = Reused(self.query.weight)
        return lambda queries: self._compare(project(queries.squeeze(1)).unsqueeze(1), keys)

    def _compare(
        self, projected: Float[Tensor, "B 1 H"], keys: Float[Tensor, "B S H"]
    ) -> Float[Tensor, "B 1 S"]:
        scores: Tensor = self.vector((projected + keys).tanh())
        return scores.mT


Scorer = MultiplicativeScore | AdditiveScore


def build_score(score: Score, *, query_size: int, memory_size: int) -> Scorer:
    if score == "concat":
        return AdditiveScore(query_size=query_size, memory_size=memory_size)
    projected = score == "general"
    return MultiplicativeScore(query_size=query_size, memory_size=memory_size, projected=projected)


def attention_weights(
    scores: Float[Tensor, "B T S"], memory_mask: Bool[Tensor, "B S"], normaliser: Normaliser = "softmax"
) -> Float[Tensor, "B T S"]:
    """Weights that sum to one over S; 0 where `memory_mask` is False.

    Scores may be negative or cancel out, and then `sum` gives negative or unbounded weights: the notes' form
    is kept as it is written, to be compared.
    """
    mask = memory_mask.unsqueeze(1)
    if normaliser == "sum":
        real = scores.masked_fill(~mask, 0.0)
        return real / real.sum(-1, keepdim=True)
    return scores.masked_fill(~mask, -torch.inf).softmax(-1)


class Attention(nn.Module):
    """Who asks, how rows are scored, how scores become weights."""

    def __init__(
        self, *, score: Score, size: int, query: Query = "hidden", normaliser: Normaliser = "softmax"
    ) -> None:
        """`size` is that of the memory's rows and of the decoder's states."""
        super().__init__()
        query_size = 2 * size if query == "hidden_and_cell" else size
        self.score = build_score(score, query_size=query_size, memory_size=size)
        self.of_cell = query == "hidden_and_cell"
        self.normaliser: Normaliser = normaliser

    def keys(self, memory: Float[Tensor, "B S H"]) -> Float[Tensor, "B S K"]:
        """The memory as the score compares it; handed to `forward`."""
        return self.score.keys(memory)

    def query(self, recurrent: FinalState) -> Float[Tensor, "B Q"]:
        """Of the top layer's state; parts are L B H."""
        return torch.cat([part[-1] for part in recurrent], -1) if self.of_cell else recurrent[0][-1]

    def forward(
        self,
        queries: Float[Tensor, "B T Q"],
        keys: Float[Tensor, "B S K"],
        memory_mask: Bool[Tensor, "B S"],
    ) -> Float[Tensor, "B T S"]:
        return attention_weights(self.score(queries, keys), memory_mask, self.normaliser)

    def stepwise(self, keys: Float[Tensor, "B S K"], memory_mask: Bool[Tensor, "B S"]) -> Stepwise:
        """The same for a loop over steps."""
        score = self.score.stepwise(keys)
        return lambda query: attention_weights(score(query.unsqueeze(1)), memory_mask, self.normaliser)
