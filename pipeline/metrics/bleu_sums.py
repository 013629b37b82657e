"""The sums that corpus BLEU is made of, sentence by sentence: for resampling test sets."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sacrebleu.metrics import BLEU

from pipeline.metrics.translation import USUAL, References

Sums = npt.NDArray[np.float64]


def sums_of_each(
    hypotheses: Sequence[str], references: References, *, lowercase: bool = False, tokenize: str = USUAL
) -> Sums:
    """(sentences, 2 + 2 orders): words of the hypothesis and of the reference nearest in length, matches of
    each order, n-grams of each order."""
    most = max(len(each) for each in references)
    streams = [[each[i] if i < len(each) else None for each in references] for i in range(most)]
    metric = BLEU(lowercase=lowercase, tokenize=tokenize)
    found = metric._extract_corpus_statistics(list(hypotheses), streams)  # type: ignore[arg-type]
    return np.array(found, dtype=np.float64)


def bleu_of(sums: Sums) -> npt.NDArray[np.float64]:
    """Corpus BLEU of every row of sums, 0 to 100."""
    scores = []
    for row in sums:
        length, reference, *counts = (round(value) for value in row)
        order = len(counts) // 2
        found = BLEU.compute_bleu(counts[:order], counts[order:], length, reference, smooth_method="exp")
        scores.append(found.score)
    return np.array(scores)
