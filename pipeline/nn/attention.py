"""Attention: how well each memory row answers each query, and what the memory then says.

A score holds no memory: `keys` projects the memory once, and the caller passes the result to every call.
"""

from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from pipeline.nn.reused import Reused

Score = Literal["dot", "general", "concat"]
"""Luong's three; `concat` is Bahdanau's additive score."""
Stepwise = Callable[[Tensor], Tensor]
"""Queries B 1 H -> scores B 1 S."""


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
    """v·tanh(W q + U m + b): Bahdanau et al. 2015, section A.1.2; Luong et al. 2015 call it `concat`."""

    def __init__(self, *, query_size: int, memory_size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, query_size, bias=False)
        self.memory = nn.Linear(memory_size, query_size)
        self.vector = nn.Linear(query_size, 1, bias=False)

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


def build_score(score: Score, *, size: int) -> Scorer:
    """For queries and memory of `size` units."""
    if score == "concat":
        return AdditiveScore(query_size=size, memory_size=size)
    return MultiplicativeScore(query_size=size, memory_size=size, projected=score == "general")


def attention_weights(
    scores: Float[Tensor, "B T S"], memory_mask: Bool[Tensor, "B S"]
) -> Float[Tensor, "B T S"]:
    """Softmax over S; 0 where `memory_mask` is False."""
    return scores.masked_fill(~memory_mask.unsqueeze(1), -torch.inf).softmax(-1)
