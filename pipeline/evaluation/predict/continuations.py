"""How likely a text is, and how it may go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pipeline.bundle.load import Bundle
from pipeline.data.store import Ids
from pipeline.evaluation.predict.rows import encoded, padded
from pipeline.search.beam import beam_search
from pipeline.search.protocol import Hypothesis
from pipeline.search.sample import sample
from pipeline.text.tokenizer import BOS, EOS, PAD, UNK

WINDOW = 256
"""Tokens that are read at a time; the state goes on from one window to the next."""
BEAM = 5


@dataclass(frozen=True)
class Continuation:
    """`log_probability`: of its words and, if it is the whole line (`finished`), of the line's end."""

    text: str
    log_probability: float
    finished: bool


@torch.inference_mode()
def log_probabilities(bundle: Bundle, ids: Ids) -> npt.NDArray[np.float32]:
    """Natural logarithms, (n,), of each token of a running text after all that stand before it.

    The first one's is that after an end of line.
    """
    device = next(bundle.network.parameters()).device
    targets = torch.from_numpy(ids.astype(np.int64)).to(device)[None]
    tokens = torch.cat([targets.new_full((1, 1), EOS), targets[:, :-1]], 1)
    state, found = None, []
    for start in range(0, len(ids), WINDOW):
        read, wanted = (each[:, start : start + WINDOW] for each in (tokens, targets))
        part, state = bundle.network.log_probabilities(read, wanted, state)  # type: ignore[operator]
        found.append(part[0].float().cpu().numpy())
    return np.concatenate(found) if found else np.zeros(0, dtype=np.float32)


def perplexities(bundle: Bundle, texts: Sequence[str]) -> list[float | None]:
    """Of each text's tokens, as if each began after an end of line; None of a text without tokens."""
    found: list[float | None] = []
    for ids in encoded(bundle.tokenizers["text"], texts):
        found.append(float(np.exp(-log_probabilities(bundle, ids).mean())) if len(ids) else None)
    return found


def continue_texts(
    bundle: Bundle,
    texts: Sequence[str],
    *,
    words: int,
    n_best: int = 1,
    temperature: float = 0.0,
    seed: int = 0,
) -> list[list[Continuation]]:
    """`n_best` ways in which each text may go on; none holds the unknown word.

    Those searched for stand with the highest log-probability per token first, since the likeliest of all is
    often the line's end; lines that ended stand before those that were cut off. Those drawn stand with the
    highest log-probability first.

    Args:
        words: tokens at most; a continuation may end earlier, with its line.
        temperature: 0 searches for the likeliest; else they are drawn, log-probabilities divided by it.
        seed: of the draws.
    """
    rows = [
        np.concatenate([[EOS], ids]).astype(np.uint16) for ids in encoded(bundle.tokenizers["text"], texts)
    ]
    source, lengths = padded(bundle, rows)
    limits = torch.full_like(lengths, words)
    found = _search(bundle, source, lengths, limits, n_best, temperature, seed)
    decode = bundle.tokenizers["text"].decode
    return [
        [Continuation(decode(one.tokens), one.log_probability, one.finished) for one in hypotheses]
        for hypotheses in found
    ]


def _search(
    bundle: Bundle,
    source: Tensor,
    lengths: Tensor,
    limits: Tensor,
    n_best: int,
    temperature: float,
    seed: int,
) -> list[list[Hypothesis]]:
    known: Any = _Known(bundle.network)
    symbols: dict[str, Any] = {"max_lengths": limits, "bos": BOS, "eos": EOS, "pad": PAD}
    if not temperature:
        beam = max(BEAM, n_best)
        return beam_search(known, source, lengths, beam=beam, n_best=n_best, **symbols)
    return sample(known, source, lengths, number=n_best, temperature=temperature, seed=seed, **symbols)


class _Known:
    """A language model that never says the unknown word."""

    def __init__(self, network: Any) -> None:
        self._network = network
        self.init_state = network.init_state

    def step(self, tokens: Tensor, state: Any) -> tuple[Tensor, Any, None]:
        log_probs, state, _ = self._network.step(tokens, state)
        log_probs[:, UNK] = -torch.inf
        return log_probs, state, None
