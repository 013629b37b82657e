"""Attention: how well each memory row answers each query, and what the memory then says.

A score holds no memory: `keys` projects the memory once, the caller passes the result to every call.
"""

from typing import Literal, Protocol

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

Score = Literal["dot", "general", "concat", "additive"]


class Scorer(Protocol):
    """What a decoder asks of a score."""

    def keys(self, memory: Float[Tensor, "B S M"]) -> Float[Tensor, "B S H"]: ...

    def __call__(self, queries: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B T S"]: ...


class MultiplicativeScore(nn.Module):
    """q·m (`dot`) or q·(W m) (`general`): Luong et al. 2015, section 3.1."""

    def __init__(self, *, query_size: int, memory_size: int, projected: bool) -> None:
        super().__init__()
        if not projected and query_size != memory_size:
            raise ValueError(f"dot score: query size {query_size} and memory size {memory_size} differ")
        self.projection = nn.Linear(memory_size, query_size, bias=False) if projected else nn.Identity()

    def keys(self, memory: Float[Tensor, "B S M"]) -> Float[Tensor, "B S H"]:
        return self.projection(memory)

    def forward(
        self, queries: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]
    ) -> Float[Tensor, "B T S"]:
        return queries @ keys.transpose(1, 2)


class AdditiveScore(nn.Module):
    """v·tanh(W q + U m + b): Bahdanau et al. 2015, section A.1.2; Luong et al. 2015 call it `concat`."""

    def __init__(self, *, query_size: int, memory_size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, query_size, bias=False)
        self.memory = nn.Linear(memory_size, query_size)
        self.vector = nn.Linear(query_size, 1, bias=False)

    def keys(self, memory: Float[Tensor, "B S M"]) -> Float[Tensor, "B S H"]:
        return self.memory(memory)

    def forward(
        self, queries: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]
    ) -> Float[Tensor, "B T S"]:
        hidden = torch.tanh(self.query(queries).unsqueeze(2) + keys.unsqueeze(1))
        return self.vector(hidden).squeeze(-1)


def build_score(score: Score, *, query_size: int, memory_size: int) -> nn.Module:
    if score in ("concat", "additive"):
        return AdditiveScore(query_size=query_size, memory_size=memory_size)
    return MultiplicativeScore(query_size=query_size, memory_size=memory_size, projected=score == "general")


def attend(
    scores: Float[Tensor, "B T S"], memory: Float[Tensor, "B S M"], memory_mask: Bool[Tensor, "B S"]
) -> tuple[Float[Tensor, "B T M"], Float[Tensor, "B T S"]]:
    """Context vectors and weights; weights are 0 where `memory_mask` is False and sum to 1 over S."""
    weights = scores.masked_fill(~memory_mask.unsqueeze(1), -torch.inf).softmax(-1)
    return weights.to(memory.dtype) @ memory, weights
