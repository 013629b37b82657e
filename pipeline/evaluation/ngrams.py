"""Modified Kneser-Ney smoothing, interpolated (Chen and Goodman 1999, sections 3 and 4.1.6)."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.text.tokenizer import BOS, EOS

Ids = npt.NDArray[np.integer[Any]]
Index = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
NONE = -1
FALLBACK = (0.5, 1.0, 1.5)
"""Discounts where a text is too small to estimate them (as KenLM's --discount_fallback)."""


class Order(NamedTuple):
    """All n-grams of one order that occur, by number. A context is an n-gram of the order below, by number.

    `keys`: context times vocabulary plus word, rising. `left`: what is left of an n-gram's probability once
    its discount is off. `rest`: of each context, the share that goes to the order below, 1 where the context
    is never followed by anything.
    """

    keys: Index
    left: Floats
    rest: Floats


class KneserNey:
    """A model of each word given the line's words before it, at most `order` - 1 of them."""

    def __init__(self, ids: Ids, *, order: int, vocabulary: int) -> None:
        """
        Args:
            ids: training text; each line ends in EOS.
            vocabulary: ids are below it. All of them but padding and start are words.
        """
        self.order, self.vocabulary = order, vocabulary
        words, place = _lined(ids)
        grams = [words]
        keys: list[Index] = [np.arange(vocabulary)]
        firsts: list[Index] = [np.zeros(0, dtype=np.int64)]
        for length in range(2, order + 1):
            whole = place >= length - 1
            joint = np.roll(grams[-1], 1)[whole] * vocabulary + words[whole]
            found, first, number = np.unique(joint, return_index=True, return_inverse=True)
            grams.append(np.full(len(words), NONE))
            grams[-1][whole] = number
            keys.append(found)
            firsts.append(np.flatnonzero(whole)[first])
        self._orders = []
        for length in range(1, order + 1):
            numbers, size = grams[length - 1], len(keys[length - 1])
            counts = np.bincount(numbers[numbers != NONE], minlength=size)
            if length < order:
                # How many words it follows, except at a line's start, where nothing stands before it.
                counted = np.bincount(numbers[firsts[length]], minlength=size)
                inside = np.ones(size, dtype=bool) if length == 1 else place[firsts[length - 1]] >= length
                counts = np.where(inside, counted, counts)
            if length == 1:
                counts[BOS] = 0
            contexts = keys[length - 1] // vocabulary
            above = len(keys[length - 2]) if length > 1 else 1
            self._orders.append(_smoothed(keys[length - 1], counts, contexts, above))

    def log_probabilities(self, ids: Ids) -> Floats:
        """Natural logarithms, (n,), of each token of lines that end in EOS."""
        words, place = _lined(ids)
        first = self._orders[0]
        chances = first.left[words] + first.rest[0] / (self.vocabulary - 2)
        gram: Index = words
        for length, order in enumerate(self._orders[1:], start=2):
            context = np.roll(gram, 1)
            known = (place >= length - 1) & (context != NONE)
            joint = np.where(known, context, 0) * self.vocabulary + words
            gram = np.minimum(np.searchsorted(order.keys, joint), len(order.keys) - 1)
            gram = np.where(known & (order.keys[gram] == joint), gram, NONE)
            left = np.where(gram == NONE, 0.0, order.left[gram])
            chances = left + np.where(known, order.rest[np.where(known, context, 0)], 1.0) * chances
        found: Floats = np.log(chances[place > 0])
        return found


def _lined(ids: Ids) -> tuple[Index, Index]:
    """The text with BOS before each line, and each token's place in its line, BOS's being 0."""
    starts = np.concatenate([[0], np.flatnonzero(ids[:-1] == EOS) + 1])
    words = np.insert(ids.astype(np.int64), starts, BOS)
    begins = np.flatnonzero(words == BOS)
    lengths = np.diff(np.append(begins, len(words)))
    return words, np.arange(len(words)) - begins.repeat(lengths)


def _smoothed(keys: Index, counts: Index, contexts: Index, above: int) -> Order:
    discounts = np.array([0.0, *discounts_of(counts)])
    taken = discounts[np.minimum(counts, 3)]
    totals = np.bincount(contexts, counts, minlength=above)
    divisors = np.where(totals > 0, totals, 1.0)
    rest = np.bincount(contexts, taken, minlength=above) / divisors
    return Order(keys, (counts - taken) / divisors[contexts], np.where(totals > 0, rest, 1.0))


def discounts_of(counts: Index) -> tuple[float, ...]:
    """Off counts of one, of two, and of three or more (Chen and Goodman 1999, equation 26)."""
    one, two, three, four = (int((counts == each).sum()) for each in (1, 2, 3, 4))
    if not (one and two and three and four):
        return FALLBACK
    share = one / (one + 2 * two)
    found = (1 - 2 * share * two / one, 2 - 3 * share * three / two, 3 - 4 * share * four / three)
    return found if all(0 < d <= n for n, d in enumerate(found, start=1)) else FALLBACK
