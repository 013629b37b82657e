"""BLEU as the lecture notes write it, which is not BLEU: only to compare it with `translation.py`.

Where it differs from Papineni et al. 2002, sections 2.1 to 2.3: no logarithm in the weighted mean; n up to
the output's length, not 4; an n-gram's clipped count is its highest count in a reference even where the
output has fewer; the factor for length is exp(1) for outputs longer than the reference and exp(1 - c/r) for
others, where the standard's is 1 and exp(1 - r/c).
"""

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

Words = Sequence[str]


def notes_precision(hypothesis: Words, references: Sequence[Words], n: int) -> Fraction:
    """p_n: sum of count_clip over sum of count, of the hypothesis' n-grams; may be more than 1.

    Raises:
        ValueError: the hypothesis has no n-gram of this length.
    """
    counts = ngrams(hypothesis, n)
    if not counts:
        raise ValueError(f"{len(hypothesis)} words have no {n}-gram")
    in_references = [ngrams(reference, n) for reference in references]
    clipped = sum(max(reference[gram] for reference in in_references) for gram in counts)
    return Fraction(clipped, counts.total())


def notes_length_factor(hypothesis_length: int, reference_length: int) -> float:
    """exp(BP), BP = 1 for c > r and 1 - c/r for others."""
    penalty = 1.0 if hypothesis_length > reference_length else 1 - hypothesis_length / reference_length
    return math.exp(penalty)


def notes_bleu(
    hypothesis: Words,
    references: Sequence[Words],
    *,
    length_factor: bool = True,
    weights: Sequence[float] | None = None,
) -> float:
    """exp of the weighted mean of p_1 … p_c, c being the hypothesis' length, times `notes_length_factor`.

    The notes have one reference length, r; of several it is, as in the standard, the nearest to c.

    Args:
        length_factor: False is the notes' BLEU before they modify it.
        weights: w_1 … w_c; by default all are equal.

    Raises:
        ValueError: an empty hypothesis, no reference, or not c weights.
    """
    length = len(hypothesis)
    if not length or not references:
        raise ValueError("the notes' BLEU needs a word and a reference")
    weights = [1.0] * length if weights is None else weights
    if len(weights) != length:
        raise ValueError(f"{length} words need {length} weights, not {len(weights)}")
    precisions = [notes_precision(hypothesis, references, n) for n in range(1, length + 1)]
    mean = sum(w * float(p) for w, p in zip(weights, precisions, strict=True)) / sum(weights)
    nearest = min((len(reference) for reference in references), key=lambda r: (abs(r - length), r))
    return math.exp(mean) * (notes_length_factor(length, nearest) if length_factor else 1.0)


def ngrams(words: Words, n: int) -> Counter[tuple[str, ...]]:
    """How often each stands in the words."""
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
