"""The chain against a sum over every possible row of tags."""

import itertools
import math

import pytest
import torch
from torch import Tensor

from pipeline.nn.crf import LinearChain

B, S, G = 3, 5, 4
LENGTHS = [5, 1, 3]


@pytest.fixture
def chain() -> LinearChain:
    chain = LinearChain(G).double()
    with torch.no_grad():
        for parameter in chain.parameters():
            parameter.copy_(torch.randn_like(parameter))
    return chain


def brute(chain: LinearChain, scores: Tensor) -> dict[tuple[int, ...], float]:
    """Every row of tags of one unpadded sentence, and its score."""
    found = {}
    start, end, between = chain.start.tolist(), chain.end.tolist(), chain.between.tolist()
    for tags in itertools.product(range(G), repeat=len(scores)):
        total = start[tags[0]] + end[tags[-1]]
        total += sum(float(scores[step, tag]) for step, tag in enumerate(tags))
        total += sum(between[a][b] for a, b in itertools.pairwise(tags))
        found[tags] = total
    return found


def test_likelihood_and_best_row_are_those_of_all_rows_listed(chain: LinearChain) -> None:
    scores = torch.randn(B, S, G, dtype=torch.float64)
    tags = torch.randint(G, (B, S))
    mask = torch.arange(S) < torch.tensor(LENGTHS).unsqueeze(1)
    nll, best = chain(scores, tags, mask), chain.decode(scores, mask)
    for row, length in enumerate(LENGTHS):
        listed = brute(chain, scores[row, :length])
        partition = math.log(sum(math.exp(score) for score in listed.values()))
        chosen = listed[tuple(tags[row, :length].tolist())]
        assert float(nll[row]) == pytest.approx(partition - chosen, abs=1e-9)
        assert tuple(best[row, :length].tolist()) == max(listed, key=lambda key: listed[key])
        assert not best[row, length:].any()


def test_gradient_is_that_of_finite_differences(chain: LinearChain) -> None:
    scores = torch.randn(B, S, G, dtype=torch.float64, requires_grad=True)
    tags, mask = torch.randint(G, (B, S)), torch.arange(S) < torch.tensor(LENGTHS).unsqueeze(1)
    assert torch.autograd.gradcheck(lambda each: chain(each, tags, mask), (scores,))
