"""Scores and weights against loops over single vectors."""

import pytest
import torch
from torch import Tensor

from pipeline.nn.attention import Attention, MultiplicativeScore, Score, attention_weights, build_score

B, T, S, H = 3, 5, 7, 11


def score_of(module: torch.nn.Module, kind: Score, query: Tensor, row: Tensor) -> Tensor:
    if kind == "dot":
        return query.dot(row)
    if kind == "general":
        return query.dot(module.projection.weight @ row)
    hidden = module.query.weight @ query + module.memory.weight @ row + module.memory.bias
    return module.vector.weight[0].dot(hidden.tanh())


@pytest.mark.parametrize("kind", ["dot", "general", "concat"])
def test_scores_equal_the_papers_formulas(kind: Score) -> None:
    module = build_score(kind, query_size=H, memory_size=H).double()
    queries = torch.randn(B, T, H, dtype=torch.float64)
    memory = torch.randn(B, S, H, dtype=torch.float64)
    expected = torch.stack(
        [
            torch.stack([torch.stack([score_of(module, kind, q, m) for m in memory[b]]) for q in queries[b]])
            for b in range(B)
        ]
    )
    keys = module.keys(memory)
    torch.testing.assert_close(module(queries, keys), expected, atol=1e-10, rtol=0)
    stepwise = module.stepwise(keys)
    steps = torch.cat([stepwise(query) for query in queries.split(1, 1)], 1)
    torch.testing.assert_close(steps, expected, atol=1e-10, rtol=0)


def test_weights_sum_to_one_over_real_memory() -> None:
    mask = torch.tensor([[True] * 2 + [False] * 5, [True] * 7, [True] * 1 + [False] * 6])
    scores = torch.randn(B, T, S)
    weights = attention_weights(scores, mask)
    assert not weights[0, :, 2:].any()
    torch.testing.assert_close(weights.sum(-1), torch.ones(B, T))
    torch.testing.assert_close(weights[0, :, :2], scores[0, :, :2].softmax(-1))


def test_the_notes_weights_are_shares_of_the_sum_and_may_be_none() -> None:
    """s / sum of s: rows sum to one, a negative score has a negative weight, a zero sum gives nothing."""
    mask = torch.tensor([[True, True, True, False]])
    scores = torch.tensor([[[3.0, -1.0, 2.0, 7.0], [1.0, -2.0, 1.0, 7.0]]])
    weights = attention_weights(scores, mask, "sum")
    torch.testing.assert_close(weights[0, 0], torch.tensor([0.75, -0.25, 0.5, 0.0]))
    assert not weights[0, 1, :3].isfinite().any()


def test_state_and_cell_ask_together() -> None:
    attention = Attention(score="general", size=H, query="hidden_and_cell").double()
    recurrent = tuple(torch.randn(2, B, H, dtype=torch.float64) for _ in range(2))
    query = attention.query(recurrent)
    torch.testing.assert_close(query, torch.cat((recurrent[0][1], recurrent[1][1]), 1))
    memory, mask = torch.randn(B, S, H, dtype=torch.float64), torch.ones(B, S, dtype=torch.bool)
    keys = attention.keys(memory)
    whole = attention(query.unsqueeze(1), keys, mask)
    torch.testing.assert_close(attention.stepwise(keys, mask)(query), whole, atol=1e-12, rtol=0)


def test_dot_score_refuses_unlike_sizes() -> None:
    with pytest.raises(ValueError, match="query size 5 and memory size 7 differ"):
        MultiplicativeScore(query_size=5, memory_size=7, projected=False)
