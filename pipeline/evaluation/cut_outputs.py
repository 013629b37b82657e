"""What scores make of outputs that say less: translations cut to their first words."""

import math
from collections.abc import Sequence
from statistics import fmean

import numpy as np
import pandas as pd
from sacrebleu.metrics import BLEU
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

from pipeline.metrics.bleu_sums import sums_of_each
from pipeline.metrics.notes_bleu import notes_bleu

CUTTER = Tokenizer13a()  # type: ignore[no-untyped-call]
SENTENCES = 200
"""Of which the notes' formula is taken, spread evenly: it counts n-grams of every length."""
SHARES = (1.0, 0.75, 0.5, 0.25)
"""Of an output's words that are kept, one at least."""


def cut_outputs(
    hypotheses: Sequence[str], references: Sequence[Sequence[str]], *, lowercase: bool, tokenize: str
) -> pd.DataFrame:
    """share, bleu, without_penalty, notes_bleu: of the whole outputs and of their beginnings.

    `without_penalty`: the geometric mean of precisions alone, 0 to 100. `notes_bleu`: the lecture notes'
    formula as written, mean over some sentences; no measure of quality.
    """
    rows = np.unique(np.linspace(0, len(hypotheses) - 1, SENTENCES).round().astype(int))
    found = []
    for share in SHARES:
        cut = [_beginning(text, share) for text in hypotheses]
        sums = sums_of_each(cut, references, lowercase=lowercase, tokenize=tokenize).sum(0)
        length, reference, *counts = (round(value) for value in sums)
        order = len(counts) // 2
        whole = BLEU.compute_bleu(counts[:order], counts[order:], length, reference, smooth_method="exp")
        without = whole.score / whole.bp if whole.bp else 0.0
        notes = fmean(_notes(cut[row], references[row]) for row in rows)
        found.append({"share": share, "bleu": whole.score, "without_penalty": without, "notes_bleu": notes})
    return pd.DataFrame(found)


def _beginning(text: str, share: float) -> str:
    words = text.split()
    return " ".join(words[: max(1, math.ceil(share * len(words)))])


def _notes(text: str, references: Sequence[str]) -> float:
    """0 of an output without words, of which the formula says nothing."""
    words = _words(text)
    return notes_bleu(words, [_words(reference) for reference in references]) if words else 0.0


def _words(text: str) -> list[str]:
    return str(CUTTER(text.lower())).split()
