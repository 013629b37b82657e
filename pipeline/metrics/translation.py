"""BLEU and chrF by sacreBLEU (Post 2018)."""

from collections.abc import Sequence
from typing import NamedTuple

from sacrebleu.metrics import BLEU, CHRF

from pipeline.metrics.score import Score

USUAL = "13a"
TOKENISATIONS = {"hi": "intl"}
"""Of languages whose marks 13a doesn't know: it leaves a danda on the sentence's last word, so a translation
that writes it apart would lose that word, and one that forgets it too. `intl` (mteval-v14) cuts at every mark
of Unicode. `flores200` and its like need a model from the network, `char` counts no words."""

References = Sequence[Sequence[str]]
"""For each sentence one or more references; sentences may have unequal numbers of them."""

BUCKETS = [(1, 5), (6, 10), (11, 15), (16, 20), (21, None)]
"""Words of the source, both ends included; None is without end."""


class Bucket(NamedTuple):
    """Corpus BLEU of the sentences whose source has `low` to `high` words; None where there is none."""

    name: str
    low: int
    high: int | None
    sentences: int
    bleu: float | None


def tokenisation(language: str) -> str:
    """How sacreBLEU should cut sentences of `language` (ISO 639-1) into words."""
    return TOKENISATIONS.get(language, USUAL)


def bleu(
    hypotheses: Sequence[str], references: References, *, lowercase: bool = False, tokenize: str = USUAL
) -> Score:
    """Corpus BLEU, 0 to 100 (Papineni et al. 2002).

    Raises:
        ValueError: no sentences, or not one list of references per hypothesis.
    """
    return _score(BLEU(lowercase=lowercase, tokenize=tokenize), hypotheses, references)


def chrf(hypotheses: Sequence[str], references: References, *, lowercase: bool = False) -> Score:
    """Corpus chrF2, 0 to 100 (Popović 2015).

    Raises:
        ValueError: no sentences, or not one list of references per hypothesis.
    """
    return _score(CHRF(lowercase=lowercase), hypotheses, references)


def length_ratio(
    hypotheses: Sequence[str], references: References, *, lowercase: bool = False, tokenize: str = USUAL
) -> Score:
    """Words of the hypotheses over words of the references, the nearest in length of each sentence.

    Raises:
        ValueError: no sentences, or not one list of references per hypothesis.
    """
    metric = BLEU(lowercase=lowercase, tokenize=tokenize)
    result = metric.corpus_score(list(hypotheses), _streams(hypotheses, references))  # type: ignore[arg-type]
    return Score(result.sys_len / result.ref_len, f"length ratio of {metric.get_signature()}")


def bleu_by_length(
    hypotheses: Sequence[str],
    references: References,
    sources: Sequence[str],
    *,
    lowercase: bool = False,
    tokenize: str = USUAL,
) -> list[Bucket]:
    """Corpus BLEU by the number of words, split at blanks, of the source sentence."""
    lengths = [len(source.split()) for source in sources]
    buckets = []
    for low, high in BUCKETS:
        rows = [i for i, n in enumerate(lengths) if max(n, 1) >= low and (high is None or n <= high)]
        score = None
        if rows:
            chosen = [hypotheses[i] for i in rows], [references[i] for i in rows]
            score = bleu(*chosen, lowercase=lowercase, tokenize=tokenize).value
        buckets.append(Bucket(f"{low}-{high}" if high else f"{low}+", low, high, len(rows), score))
    return buckets


def _score(metric: BLEU | CHRF, hypotheses: Sequence[str], references: References) -> Score:
    result = metric.corpus_score(list(hypotheses), _streams(hypotheses, references))  # type: ignore[arg-type]
    return Score(result.score, str(metric.get_signature()))


def _streams(hypotheses: Sequence[str], references: References) -> list[list[str | None]]:
    """sacreBLEU's layout: all first references, then all second ones …; None where a sentence has no more."""
    if not hypotheses:
        raise ValueError("no sentences to score")
    if len(hypotheses) != len(references) or not all(references):
        raise ValueError(f"{len(hypotheses)} hypotheses need as many lists of at least one reference")
    most = max(len(each) for each in references)
    return [[each[i] if i < len(each) else None for each in references] for i in range(most)]
