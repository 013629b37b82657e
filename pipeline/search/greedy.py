"""Greedy search: the likeliest token, step by step, for all sentences of a batch at once."""

from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from pipeline.search.protocol import Hypothesis, StepModel, make_hypothesis


@torch.inference_mode()
def greedy_search(
    model: StepModel[Any],
    source: Int[Tensor, "B S"],
    source_lengths: Int[Tensor, "B"],
    *,
    max_lengths: Int[Tensor, "B"],
    bos: int,
    eos: int,
    pad: int = 0,
    length_normalisation: float = 1.0,
) -> list[Hypothesis]:
    """One hypothesis per sentence; the same as a beam of one. A finished sentence leaves the batch.

    Args:
        max_lengths: most tokens per sentence, EOS counted, at least 1.
        bos, pad: never generated.
        length_normalisation: exponent a of `Hypothesis.score`.
    """
    count, width = source.shape
    state = model.init_state(source, source_lengths)
    tokens = torch.full((count,), bos, device=source.device)
    limits = max_lengths.to(source.device)
    sentence = torch.arange(count, device=source.device)
    log_probability = torch.zeros(count, device=source.device)
    lengths = torch.zeros_like(limits)
    words = torch.full((count, int(limits.max())), pad, device=source.device)
    looks: Tensor | None = None
    for step in range(words.shape[1]):
        log_probs, state, attention = model.step(tokens, state)
        log_probs[:, [pad, bos]] = -torch.inf
        best, tokens = log_probs.max(-1)
        log_probability[sentence] += best.float()
        lengths[sentence] += 1
        words[sentence, step] = tokens
        if attention is not None:
            looks = attention.new_zeros(*words.shape, width) if looks is None else looks
            looks[sentence, step] = attention
        is_open = (tokens != eos) & (step + 1 < limits[sentence])
        if not is_open.all():
            (rows,) = is_open.nonzero(as_tuple=True)
            if not len(rows):
                break
            tokens, sentence, state = tokens[rows], sentence[rows], state.select(rows)

    columns = [column.tolist() for column in (words, lengths, source_lengths, log_probability)]
    weights = None if looks is None else looks.float().cpu().numpy()
    return [
        make_hypothesis(
            row[:length],
            total,
            None if weights is None else weights[i, :length, :source_length].copy(),
            finished=row[length - 1] == eos,
            length_normalisation=length_normalisation,
        )
        for i, (row, length, source_length, total) in enumerate(zip(*columns, strict=True))
    ]
