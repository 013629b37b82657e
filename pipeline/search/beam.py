"""Beam search for all sentences of a batch at once (Graves 2012; Sutskever et al. 2014, section 3.2).

A row is one open hypothesis. Rows of a sentence stand together, and only open hypotheses have rows: a
finished one is kept aside and narrows its sentence's beam by one, so the batch shrinks as the search goes on.
"""

from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from pipeline.search.protocol import Hypothesis, StepModel, make_hypothesis


@torch.inference_mode()
def beam_search(
    model: StepModel[Any],
    source: Int[Tensor, "B S"],
    source_lengths: Int[Tensor, "B"],
    *,
    beam: int,
    max_lengths: Int[Tensor, "B"],
    bos: int,
    eos: int,
    pad: int = 0,
    n_best: int = 1,
    length_normalisation: float = 1.0,
) -> list[list[Hypothesis]]:
    """The best hypotheses per sentence, best first, at most `n_best`.

    Hypotheses compete for the beam by log-probability and are ranked at the end by log-probability / length^a
    (Wu et al. 2016, section 7, without the constant). A sentence is done as soon as no continuation of an
    open one can come among its `n_best` finished ones. Hypotheses cut off at the maximal length rank behind
    all finished ones.

    Args:
        beam: most open and finished hypotheses of a sentence at any time.
        max_lengths: most tokens per sentence, EOS counted, at least 1.
        bos, pad: never generated.
        length_normalisation: the exponent a; 0 ranks by log-probability alone.

    Raises:
        ValueError: `n_best` is more than `beam`.
    """
    if n_best > beam:
        raise ValueError(f"n_best {n_best} is more than beam {beam}")
    count, device = len(source), source.device
    limits = max_lengths.to(device)
    kept = Kept(source_lengths.tolist(), n_best, length_normalisation)
    width = torch.full((count,), beam, device=device)
    state = model.init_state(source, source_lengths)
    sentence = torch.arange(count, device=device)
    tokens = torch.full((count,), bos, device=device)
    totals = torch.zeros(count, device=device)
    words = torch.empty(count, 0, dtype=torch.long, device=device)
    looks: Tensor | None = None

    for step in range(1, int(limits.max()) + 1):
        log_probs, state, attention = model.step(tokens, state)
        log_probs[:, [pad, bos]] = -torch.inf
        row, tokens, totals = _expand(sentence, totals, log_probs, width, beam)
        sentence = sentence[row]
        words = torch.cat((words[row], tokens[:, None]), 1)
        if attention is not None:
            past = attention[:, None] if looks is None else torch.cat((looks, attention[:, None]), 1)
            looks = past[row]

        is_finished = tokens == eos
        is_stopped = is_finished | (limits[sentence] == step)
        if is_stopped.any():
            kept.add(is_stopped, sentence, words, totals, looks, is_finished)
            width -= torch.bincount(sentence[is_finished], minlength=count)
        # A log-probability only falls: a row can at best reach what it has now over the greatest length.
        reachable = totals / limits[sentence] ** length_normalisation
        is_hopeful = ~is_stopped & (reachable > kept.worst(device)[sentence])
        is_searched = torch.zeros(count, dtype=torch.bool, device=device)
        is_searched[sentence[is_hopeful]] = True
        (rows,) = (~is_stopped & is_searched[sentence]).nonzero(as_tuple=True)
        if not len(rows):
            break
        state = state.select(row[rows])
        sentence, tokens, totals, words = sentence[rows], tokens[rows], totals[rows], words[rows]
        looks = None if looks is None else looks[rows]
    return kept.best()


def _expand(
    sentence: Int[Tensor, "N"],
    totals: Float[Tensor, "N"],
    log_probs: Float[Tensor, "N V"],
    width: Int[Tensor, "B"],
    beam: int,
) -> tuple[Int[Tensor, "M"], Int[Tensor, "M"], Float[Tensor, "M"]]:
    """The best `width` continuations of every sentence: (row they continue, token, log-probability).

    They come sentence by sentence, best first.
    """
    values, tokens = log_probs.topk(min(beam, log_probs.shape[1]))
    choices = values.shape[1]
    rows_per_sentence = torch.bincount(sentence, minlength=len(width))
    first = rows_per_sentence.cumsum(0) - rows_per_sentence
    place = torch.arange(len(sentence), device=sentence.device) - first[sentence]
    table = totals.new_full((len(width), beam, choices), -torch.inf)
    table[sentence, place] = totals[:, None] + values.float()
    scores, order = table.flatten(1).topk(min(beam, beam * choices))
    rank = torch.arange(scores.shape[1], device=sentence.device)
    is_chosen: Bool[Tensor, "B K"] = (rank < width[:, None]) & (scores > -torch.inf)
    chosen, rank = is_chosen.nonzero(as_tuple=True)
    order = order[chosen, rank]
    row = first[chosen] + order // choices
    return row, tokens[row, order % choices], scores[chosen, rank]


class Kept:
    """Hypotheses that ended, by sentence."""

    def __init__(self, source_lengths: list[int], n_best: int, length_normalisation: float) -> None:
        self._source_lengths = source_lengths
        self._n_best, self._length_normalisation = n_best, length_normalisation
        self._ended: list[list[Hypothesis]] = [[] for _ in source_lengths]
        self._worst = [-float("inf")] * len(source_lengths)

    def add(
        self,
        is_stopped: Bool[Tensor, "M"],
        sentence: Int[Tensor, "M"],
        words: Int[Tensor, "M T"],
        totals: Float[Tensor, "M"],
        looks: Float[Tensor, "M T S"] | None,
        is_finished: Bool[Tensor, "M"],
    ) -> None:
        """Takes the rows that stopped."""
        columns = [column[is_stopped].tolist() for column in (sentence, words, totals, is_finished)]
        weights = None if looks is None else looks[is_stopped].float().cpu().numpy()
        for i, (owner, tokens, total, finished) in enumerate(zip(*columns, strict=True)):
            hypothesis = make_hypothesis(
                tokens,
                total,
                # A copy, so that it doesn't hold on to the whole batch's weights.
                None if weights is None else weights[i, :, : self._source_lengths[owner]].copy(),
                finished=finished,
                length_normalisation=self._length_normalisation,
            )
            self._ended[owner].append(hypothesis)
            self._worst[owner] = self._worst_of(self._ended[owner])

    def worst(self, device: torch.device) -> Float[Tensor, "B"]:
        """Score to beat to be among the n best finished ones; -inf while there are fewer."""
        return torch.tensor(self._worst, device=device)

    def best(self) -> list[list[Hypothesis]]:
        ranked = [sorted(ended, key=lambda h: (h.finished, h.score), reverse=True) for ended in self._ended]
        return [ended[: self._n_best] for ended in ranked]

    def _worst_of(self, ended: list[Hypothesis]) -> float:
        scores = sorted((h.score for h in ended if h.finished), reverse=True)
        return scores[self._n_best - 1] if len(scores) >= self._n_best else -float("inf")
