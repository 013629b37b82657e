"""How whatever writes words is searched: greedily, or with a beam."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from pipeline.search.beam import beam_search
from pipeline.search.greedy import greedy_search
from pipeline.search.protocol import Hypothesis
from pipeline.text.tokenizer import BOS, EOS, PAD

Search = Callable[[Tensor, Tensor, Tensor], list[list[Hypothesis]]]
"""Source tokens (B, S), their lengths (B,), most tokens of each output (B,) -> ranked hypotheses."""


def searcher(model: Any, *, beam: int, n_best: int, length_normalisation: float) -> Search:
    """Up to `n_best` hypotheses of each source, best first; a beam of one is greedy search.

    Args:
        model: a `StepModel` of pipeline/search/protocol.py.
        length_normalisation: exponent a of log-probability / length^a.
    """
    symbols: dict[str, Any] = {
        "bos": BOS,
        "eos": EOS,
        "pad": PAD,
        "length_normalisation": length_normalisation,
    }
    if beam == 1:
        return lambda tokens, lengths, limits: [
            [best] for best in greedy_search(model, tokens, lengths, max_lengths=limits, **symbols)
        ]
    return lambda tokens, lengths, limits: beam_search(
        model, tokens, lengths, max_lengths=limits, beam=beam, n_best=n_best, **symbols
    )
