"""Drawing sentences from a model's own distribution."""

from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from pipeline.search.protocol import Hypothesis, StepModel, make_hypothesis


@torch.inference_mode()
def sample(
    model: StepModel[Any],
    source: Int[Tensor, "B S"],
    source_lengths: Int[Tensor, "B"],
    *,
    number: int,
    temperature: float,
    seed: int,
    max_lengths: Int[Tensor, "B"],
    bos: int,
    eos: int,
    pad: int = 0,
) -> list[list[Hypothesis]]:
    """`number` sentences for each source, the likeliest first.

    Args:
        temperature: what log-probabilities are divided by before drawing; 1 is the model's distribution.
        seed: each draw hangs on it, the source's place, the sentence's number and the step alone.
        max_lengths: most tokens per sentence, EOS counted, at least 1.
        bos, pad: never drawn.
    """
    state = model.init_state(source, source_lengths)
    rows = torch.arange(len(source), device=source.device).repeat_interleave(number)
    state, limits = state.select(rows), max_lengths.to(source.device)[rows]
    tokens = torch.full((len(rows),), bos, device=source.device)
    generator = torch.Generator().manual_seed(seed)
    drawn: list[list[int]] = [[] for _ in rows]
    totals = torch.zeros(len(rows), device=source.device)
    is_open = torch.ones(len(rows), dtype=torch.bool, device=source.device)
    for step in range(1, int(limits.max()) + 1):
        log_probs, state, _ = model.step(tokens, state)
        log_probs[:, [pad, bos]] = -torch.inf
        chances = (log_probs.float() / temperature).softmax(-1)
        # A uniform number per row, drawn on the CPU, gives the same sentence on every device.
        points = torch.rand(len(rows), 1, generator=generator).to(source.device)
        tokens = torch.searchsorted(chances.cumsum(-1), points).squeeze(1).clamp(max=chances.shape[1] - 1)
        totals += is_open * log_probs.gather(1, tokens.unsqueeze(1)).squeeze(1).float()
        for row in is_open.nonzero().flatten().tolist():
            drawn[row].append(int(tokens[row]))
        is_open &= (tokens != eos) & (step < limits)
        if not is_open.any():
            break
    found = [
        make_hypothesis(each, total, None, finished=each[-1] == eos, length_normalisation=1.0)
        for each, total in zip(drawn, totals.tolist(), strict=True)
    ]
    groups = [found[start : start + number] for start in range(0, len(found), number)]
    return [sorted(group, key=lambda one: one.log_probability, reverse=True) for group in groups]
