"""Transcripts against what was said: word error rate by torchmetrics, and exact match."""

from collections.abc import Sequence
from importlib.metadata import version

from torchmetrics.functional.text import word_error_rate

from pipeline.metrics.score import Score


def scores(transcripts: Sequence[str], references: Sequence[str]) -> dict[str, Score]:
    """wer, exact_match, in this order."""
    right = [found.split() == said.split() for found, said in zip(transcripts, references, strict=True)]
    return {
        "wer": wer(transcripts, references),
        "exact_match": Score(sum(right) / len(right), "share of transcripts without a wrong word"),
    }


def wer(transcripts: Sequence[str], references: Sequence[str]) -> Score:
    """Word error rate: wrong, missing and superfluous words of all transcripts for each word that was said
    (Levenshtein distance over words); above 1 where more is written than said.

    Raises:
        ValueError: no transcripts, or not one reference each.
    """
    if not transcripts or len(transcripts) != len(references):
        raise ValueError(f"{len(transcripts)} transcripts need as many references, at least one")
    # Of 32 bits; the rest would be noise in tables.
    value = round(float(word_error_rate(list(transcripts), list(references))), 6)
    return Score(value, f"sum of word edits / words said, torchmetrics {version('torchmetrics')}")
