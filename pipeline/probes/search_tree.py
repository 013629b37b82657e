"""A beam search as a tree: what it read, what it ended, and the best of what it threw away.

The search is the real one. It runs on a wrapper of the decoder that keeps what it is asked: a row of the
state carries the number of the node that it last read, and as the search reorders rows by `select`, each
node's parent is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd
import torch
from jaxtyping import Float, Int
from torch import Tensor

from pipeline.search.beam import beam_search
from pipeline.search.protocol import Hypothesis, StepModel
from pipeline.text.tokenizer import BOS, EOS, PAD

DROPPED = 3
"""Candidates of a step that were not kept, best first."""
NOWHERE, ROOT = -1, 0
"""The root is the start symbol."""


def tree(
    model: StepModel[Any],
    source: Int[Tensor, "1 S"],
    lengths: Int[Tensor, "1"],
    *,
    beam: int,
    longest: int,
    length_normalisation: float,
) -> pd.DataFrame:
    """node, parent, step, token, log_probability, total, score, fate: one row per node.

    Nodes are numbered by step, and within a step by `total`, the log-probability of the hypothesis so far in
    nats, best first. `score`: total / length^a of a hypothesis that ended, else missing. `fate`: best (on
    the way to the hypothesis that won), finished, dropped, or kept: also of one that was open at the end.

    Args:
        longest: most tokens of a hypothesis, EOS counted.
    """
    recorder = Recorder(model)
    (ended,) = beam_search(
        recorder,
        source,
        lengths,
        beam=beam,
        n_best=beam,
        max_lengths=torch.full_like(lengths, longest),
        bos=BOS,
        eos=EOS,
        pad=PAD,
        length_normalisation=length_normalisation,
    )
    return _Tree(recorder.asked, ended, beam).table()


@dataclass(frozen=True)
class Asked:
    """One step of the search: row r reads `tokens[r]` after node `parents[r]`.

    `log_probs`: of the token that may follow.
    """

    parents: Int[Tensor, "N"]
    tokens: Int[Tensor, "N"]
    log_probs: Float[Tensor, "N V"]


@dataclass(frozen=True)
class Numbered:
    """A decoder's state and the node that each row last read."""

    inner: Any
    nodes: Int[Tensor, "N"]

    def select(self, indices: Int[Tensor, "M"], /) -> Self:
        return type(self)(self.inner.select(indices), self.nodes[indices])


class Recorder:
    """A `StepModel` that answers as another does; a row that is read is a node, numbered as they come."""

    def __init__(self, model: StepModel[Any]) -> None:
        self._model, self._nodes = model, 0
        self.asked: list[Asked] = []

    def init_state(self, source: Int[Tensor, "B S"], source_lengths: Int[Tensor, "B"]) -> Numbered:
        nodes = torch.full((len(source),), NOWHERE, device=source.device)
        return Numbered(self._model.init_state(source, source_lengths), nodes)

    def step(self, tokens: Int[Tensor, "N"], state: Numbered) -> tuple[Tensor, Numbered, Tensor | None]:
        log_probs, inner, attention = self._model.step(tokens, state.inner)
        # A copy: the search writes into what it gets.
        self.asked.append(Asked(state.nodes, tokens, log_probs.double().clone()))
        nodes = torch.arange(self._nodes, self._nodes + len(tokens), device=tokens.device)
        self._nodes += len(tokens)
        return log_probs, Numbered(inner, nodes), attention


@dataclass
class _Node:
    """`follows`: log-probabilities of the next token; None of what the search did not read."""

    parent: int
    step: int
    token: int
    log_probability: float
    total: float
    fate: str
    score: float | None = None
    follows: Float[Tensor, "V"] | None = None


class _Tree:
    """First what the search read, by the recorder's numbers, then its leaves, then what it dropped."""

    def __init__(self, asked: Sequence[Asked], ended: Sequence[Hypothesis], beam: int) -> None:
        self._nodes: list[_Node] = []
        self._known: dict[tuple[int, int], int] = {}
        for part in asked:
            for parent, token, follows in zip(
                part.parents.tolist(), part.tokens.tolist(), part.log_probs, strict=True
            ):
                self._nodes[self._add(parent, token, "kept")].follows = follows
        leaves = [self._end(hypothesis) for hypothesis in ended]
        ends = [self._nodes[leaf].step for leaf in leaves if self._nodes[leaf].fate == "finished"]
        first = ROOT
        for step, part in enumerate(asked, 1):
            nodes = range(first, first := first + len(part.tokens))
            self._pass_over(nodes, width=beam - sum(end < step for end in ends))
        place = leaves[0]
        while place != NOWHERE:
            self._nodes[place].fate, place = "best", self._nodes[place].parent

    def table(self) -> pd.DataFrame:
        """See `tree`."""
        nodes = self._nodes
        order = sorted(range(len(nodes)), key=lambda place: (nodes[place].step, -nodes[place].total))
        numbers = {place: number for number, place in enumerate(order)} | {NOWHERE: NOWHERE}
        rows = [
            {
                "node": numbers[place],
                "parent": numbers[nodes[place].parent],
                "step": nodes[place].step,
                "token": nodes[place].token,
                "log_probability": nodes[place].log_probability,
                "total": nodes[place].total,
                "score": nodes[place].score,
                "fate": nodes[place].fate,
            }
            for place in order
        ]
        return pd.DataFrame(rows).astype({"score": "float64"})

    def _add(self, parent: int, token: int, fate: str, score: float | None = None) -> int:
        """The new node's number."""
        before = None if parent == NOWHERE else self._nodes[parent]
        step, so_far, own = 0, 0.0, 0.0
        if before:
            assert before.follows is not None
            step, so_far, own = before.step + 1, before.total, float(before.follows[token])
        self._known[parent, token] = len(self._nodes)
        self._nodes.append(_Node(parent, step, token, own, so_far + own, fate, score))
        return len(self._nodes) - 1

    def _end(self, hypothesis: Hypothesis) -> int:
        """The leaf of a hypothesis: its EOS, or the last token of one that was cut off."""
        *read, last = [*hypothesis.tokens, *([EOS] if hypothesis.finished else [])]
        place = ROOT
        for token in read:
            place = self._known[place, token]
        return self._add(place, last, "finished" if hypothesis.finished else "kept", hypothesis.score)

    def _pass_over(self, nodes: range, *, width: int) -> None:
        """Adds the best candidates that the search did not read.

        Args:
            width: how many were kept. Fewer were read or ended only in the last step, so the best of the
                others were kept too: no continuation of them could have won.
        """
        rows = [self._nodes[place] for place in nodes]
        follows = torch.stack([row.follows for row in rows if row.follows is not None])
        totals = follows + follows.new_tensor([row.total for row in rows])[:, None]
        totals[:, [PAD, BOS]] = -torch.inf
        values, places = totals.flatten().topk(min(width + DROPPED, totals.numel()))
        ranked = [
            (nodes[place // totals.shape[1]], place % totals.shape[1])
            for place in places[values > -torch.inf].tolist()
        ]
        others = [candidate for candidate in ranked if candidate not in self._known]
        still_open = width - (len(ranked) - len(others))
        for rank, (parent, token) in enumerate(others[: max(still_open, 0) + DROPPED]):
            self._add(parent, token, "kept" if rank < still_open else "dropped")
