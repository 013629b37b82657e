"""A search as a tree, of a model whose every probability is written down here."""

import math
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd
import pytest
import torch
from torch import Tensor

from pipeline.probes.search_tree import DROPPED, tree
from pipeline.search.beam import beam_search

PAD, UNK, BOS, EOS, A, B, C = range(7)
SIZE = 7
FOLLOWS: dict[tuple[int, ...], dict[int, float]] = {
    (): {A: 0.5, B: 0.4, C: 0.06, EOS: 0.04},
    (A,): {EOS: 0.4, A: 0.3, B: 0.2, C: 0.1},
    (B,): {C: 0.9, EOS: 0.1},
    (B, C): {EOS: 0.7, A: 0.3},
    (A, A): {EOS: 0.6, B: 0.4},
    (B, C, A): {EOS: 1.0},
    (A, A, B): {EOS: 1.0},
    (A, B): {EOS: 1.0},
    (C,): {EOS: 1.0},
}
"""What follows each beginning. Greed ends with A, 0.2; B C is likelier, 0.252."""


@dataclass(frozen=True)
class State:
    prefixes: list[tuple[int, ...]]

    def select(self, indices: Tensor, /) -> Self:
        return type(self)([self.prefixes[place] for place in indices.tolist()])


class Known:
    """A step model that says what `FOLLOWS` has."""

    def init_state(self, source: Tensor, source_lengths: Tensor) -> State:
        return State([()] * len(source))

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, None]:
        read = [
            prefix if token == BOS else (*prefix, token)
            for prefix, token in zip(state.prefixes, tokens.tolist(), strict=True)
        ]
        rows = [[FOLLOWS[prefix].get(token, 0.0) for token in range(SIZE)] for prefix in read]
        return torch.tensor(rows).log(), State(read), None


SOURCE, LENGTHS = torch.tensor([[A, B]]), torch.tensor([2])


def grown(beam: int, longest: int = 9, model: Any = None, **search: float) -> pd.DataFrame:
    found = tree(
        model or Known(),
        SOURCE,
        LENGTHS,
        beam=beam,
        longest=longest,
        length_normalisation=search.get("length_normalisation", 0.0),
    )
    assert list(found) == ["node", "parent", "step", "token", "log_probability", "total", "score", "fate"]
    return found.set_index("node")


def prefix(found: pd.DataFrame, node: int) -> tuple[int, ...]:
    """Tokens up to a node, without the start symbol."""
    parent = int(found.loc[node, "parent"])
    return () if parent < 0 else (*prefix(found, parent), int(found.loc[node, "token"]))


def fates(found: pd.DataFrame) -> dict[tuple[int, ...], str]:
    return {prefix(found, node): found.loc[node, "fate"] for node in found.index}


def test_a_beam_of_two_by_hand() -> None:
    found = grown(2)
    assert fates(found) == {
        (): "best",
        (A,): "kept",
        (B,): "best",
        (C,): "dropped",
        (EOS,): "dropped",
        (B, C): "best",
        (A, EOS): "finished",
        (A, A): "dropped",
        (A, B): "dropped",
        (A, C): "dropped",
        (B, C, EOS): "best",
        (B, C, A): "dropped",
    }
    likelihoods = {prefix(found, node): math.exp(found.loc[node, "total"]) for node in found.index}
    for beginning, likelihood in (((A, EOS), 0.2), ((B, C), 0.36), ((B, C, EOS), 0.252), ((A, C), 0.05)):
        assert likelihoods[beginning] == pytest.approx(likelihood, rel=1e-5)
    ended = found.dropna(subset="score")
    assert ended["step"].tolist() == [2, 3]
    assert ended["score"].tolist() == pytest.approx(ended["total"].tolist(), abs=1e-6)


def test_words_are_as_likely_as_the_model_says_and_totals_are_their_sums() -> None:
    found = grown(3)
    for node, row in found.iloc[1:].iterrows():
        *before, last = prefix(found, int(node))
        own = math.log(FOLLOWS[tuple(before)][last])
        assert row["log_probability"] == pytest.approx(own, rel=1e-5, abs=1e-6)
        assert row["total"] == pytest.approx(found.loc[row["parent"], "total"] + row["log_probability"])


def test_nodes_are_numbered_by_step_and_the_better_comes_first() -> None:
    found = grown(3)
    assert found.index.tolist() == list(range(len(found)))
    assert (found["parent"] < found.index).all()
    for _, step in found.groupby("step"):
        assert step["total"].is_monotonic_decreasing
    assert found["step"].is_monotonic_increasing


def test_greed_is_a_path() -> None:
    found = grown(1)
    best = found[found["fate"] == "best"]
    assert [prefix(found, node) for node in best.index] == [(), (A,), (A, EOS)]
    assert set(found["fate"]) == {"best", "dropped"}
    assert (found["fate"] == "dropped").sum() == 2 * DROPPED


class Drawn:
    """Probabilities drawn anew for every beginning."""

    def init_state(self, source: Tensor, source_lengths: Tensor) -> State:
        return State([()] * len(source))

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, None]:
        read = [(*prefix, token) for prefix, token in zip(state.prefixes, tokens.tolist(), strict=True)]
        rows = [
            torch.randn(11, generator=torch.Generator().manual_seed(hash(beginning) % 2**31))
            for beginning in read
        ]
        return torch.stack(rows).log_softmax(-1), State(read), None


@pytest.mark.parametrize("beam", [1, 2, 3, 5])
@pytest.mark.parametrize("longest", [1, 2, 7])
@pytest.mark.parametrize("length_normalisation", [0.0, 1.0])
def test_the_best_path_is_what_the_search_gives_back(
    beam: int, longest: int, length_normalisation: float
) -> None:
    found = grown(beam, longest, Drawn(), length_normalisation=length_normalisation)
    (ended,) = beam_search(
        Drawn(),
        SOURCE,
        LENGTHS,
        beam=beam,
        n_best=beam,
        max_lengths=torch.tensor([longest]),
        bos=BOS,
        eos=EOS,
        length_normalisation=length_normalisation,
    )
    path = prefix(found, found.index[found["fate"] == "best"][-1])
    assert path == (*ended[0].tokens, *[EOS] * ended[0].finished)
    assert path in {prefix(found, node) for node in found.index[found["score"].notna()]}
    kept = found[found["fate"] != "dropped"]
    assert sorted(kept["score"].dropna()) == pytest.approx(sorted(one.score for one in ended), rel=1e-5)
    finished = kept.loc[kept["token"] == EOS, "step"]
    for step, rows in kept.iloc[1:].groupby("step"):
        assert len(rows) == beam - (finished < step).sum(), "as wide as the beam"
    for _, rows in found.iloc[1:].groupby("step"):
        worst = rows.loc[rows["fate"] != "dropped", "total"].min()
        assert (rows.loc[rows["fate"] == "dropped", "total"] <= worst).all()
        assert (rows["fate"] == "dropped").sum() == DROPPED
