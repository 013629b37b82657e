"""Translations of texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.bundle.load import Bundle
from pipeline.data.batches import plan
from pipeline.data.store import Ids, Index
from pipeline.evaluation.predict.rows import encoded, lengths_of, padded
from pipeline.evaluation.predict.searching import searcher
from pipeline.search.protocol import Hypothesis

LONGEST_SOURCE = 1000
"""Tokens of a text that are translated; what follows is left out."""
USUAL_SOURCE = 64
"""Longer sentences come in smaller batches."""
NOTHING = Hypothesis(tokens=[], score=0.0, log_probability=0.0, attention=None, finished=True)
"""The translation of a text without tokens."""


@dataclass(frozen=True)
class Translation:
    """One translation of one text, and where the decoder looked."""

    text: str
    score: float
    """Length-normalised log-probability."""
    source_tokens: list[str]
    target_tokens: list[str]
    attention: npt.NDArray[np.float32] | None
    """(target tokens, source tokens); None without attention."""


def translate(
    bundle: Bundle,
    texts: Sequence[str],
    *,
    beam: int = 5,
    n_best: int = 1,
    length_normalisation: float = 1.0,
    max_ratio: float = 2.0,
    batch_sentences: int = 64,
) -> list[list[Translation]]:
    """Up to `n_best` translations of each raw text, best first, in the texts' order; at least one.

    A text without tokens is translated by an empty one. A beam of one is greedy search.

    Args:
        length_normalisation: exponent a of log-probability / length^a.
        max_ratio: most target tokens per source token, ten more allowed.
        batch_sentences: sentences searched at a time; fewer of long ones.
    """
    source, target = bundle.tokenizers["source"], bundle.tokenizers["target"]
    rows = encoded(source, texts)
    found = translate_ids(
        bundle,
        rows,
        beam=beam,
        n_best=n_best,
        length_normalisation=length_normalisation,
        max_ratio=max_ratio,
        batch_sentences=batch_sentences,
    )
    return [
        [
            Translation(
                text=target.decode(hypothesis.tokens),
                score=hypothesis.score,
                source_tokens=source.tokens(ids[:LONGEST_SOURCE].tolist()),
                target_tokens=target.tokens(hypothesis.tokens),
                attention=hypothesis.attention,
            )
            for hypothesis in hypotheses
        ]
        for ids, hypotheses in zip(rows, found, strict=True)
    ]


def translate_ids(
    bundle: Bundle,
    sources: Sequence[Ids],
    *,
    beam: int,
    n_best: int = 1,
    length_normalisation: float = 1.0,
    max_ratio: float = 2.0,
    batch_sentences: int = 64,
) -> list[list[Hypothesis]]:
    """As `translate`, of token ids."""
    search = searcher(bundle.network, beam=beam, n_best=n_best, length_normalisation=length_normalisation)
    sources = [ids[:LONGEST_SOURCE] for ids in sources]
    lengths = lengths_of(sources)
    found = [[NOTHING]] * len(sources)
    for rows in _sentence_batches(lengths, batch_sentences):
        tokens, source_lengths = padded(bundle, [sources[row] for row in rows])
        limits = (source_lengths * max_ratio).long() + 10
        for row, hypotheses in zip(rows, search(tokens, source_lengths, limits), strict=True):
            found[row] = hypotheses
    return found


def _sentence_batches(lengths: Index, batch_sentences: int) -> Iterator[Index]:
    """Rows of sentences that have tokens, of about equal length."""
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    counted = np.maximum(lengths[order], USUAL_SOURCE)
    for places in plan(counted, budget=batch_sentences * USUAL_SOURCE, rng=None):
        yield order[places]
