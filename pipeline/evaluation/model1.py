"""IBM Model 1: which target word a source word becomes, learned from sentence pairs alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

NULL = ""
"""The source word in every sentence from which come target words that none of the others has made."""
ITERATIONS = 5
"""As Och & Ney 2003 train it before richer models."""

Index = npt.NDArray[np.int64]
Sentences = Sequence[Sequence[str]]


@dataclass(frozen=True)
class WordTable:
    """`probabilities` "source target": t(target word | source word), each row sums to one.

    `sources` names the rows, NULL among them, `targets` the columns; both are sorted.
    """

    sources: list[str]
    targets: list[str]
    probabilities: csr_array

    def likeliest(self) -> dict[str, str]:
        """The best target word of every source word but NULL; of equals the first by name."""
        best = self.probabilities.argmax(axis=1)
        pairs = zip(self.sources, best, strict=True)
        return {source: self.targets[place] for source, place in pairs if source != NULL}


def train(sources: Sentences, targets: Sentences, *, iterations: int = ITERATIONS) -> WordTable:
    """Expectation maximisation from a uniform start (Brown et al. 1993, section 4.1).

    A target word of a pair may come from each source word of it or from NULL, all places alike; so its share
    of each is t(target | source) over the sum of these, and t is what the shares add up to, normalised.

    Args:
        sources, targets: the words of n pairs, side by side.
    """
    source_names, source_words, source_ends = _numbered([NULL, *sentence] for sentence in sources)
    target_names, target_words, target_ends = _numbered(targets)
    # A cell for each target word and each source word of its pair: `token` is the place of the former.
    widths = np.repeat(np.diff(source_ends), np.diff(target_ends))
    token = np.repeat(np.arange(len(target_words)), widths)
    first = np.repeat(source_ends[:-1], np.diff(target_ends)) - (np.cumsum(widths) - widths)
    source = source_words[np.arange(len(token)) + first[token]]
    pairs, pair = np.unique(source * len(target_names) + target_words[token], return_inverse=True)
    pair_source, pair_target = np.divmod(pairs, len(target_names))
    table = np.ones(len(pairs))
    for _ in range(iterations):
        share = table[pair]
        share /= np.bincount(token, weights=share)[token]
        counts = np.bincount(pair, weights=share, minlength=len(pairs))
        table = counts / np.bincount(pair_source, weights=counts)[pair_source]
    shape = len(source_names), len(target_names)
    return WordTable(source_names, target_names, csr_array((table, (pair_source, pair_target)), shape=shape))


def _numbered(sentences: Iterable[Sequence[str]]) -> tuple[list[str], Index, Index]:
    """The words by name, the number of each word of all sentences, and where sentences start and end."""
    rows = list(sentences)
    numbers, names = pd.factorize(np.array(list(chain.from_iterable(rows)), dtype=object), sort=True)
    ends = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])
    return [str(name) for name in names], numbers.astype(np.int64), ends
