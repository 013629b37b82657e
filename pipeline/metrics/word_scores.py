"""BLEU over the words of the target's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from sacrebleu.metrics import BLEU
from sacrebleu.metrics.bleu import BLEUScore

from pipeline.metrics.score import Score
from pipeline.metrics.translation import BUCKETS, Bucket, References

USUAL = "13a"
TOKENISATIONS = {"hi": "intl"}
"""Of languages whose marks 13a doesn't know: it leaves a danda on the sentence's last word, so a translation
that writes it apart would lose that word, and one that forgets it too. `intl` (mteval-v14) cuts at every mark
of Unicode. `flores200` and its like need a model from the network, `char` counts no words."""


@dataclass(frozen=True)
class WordScorer:
    """`language`: of the target, as ISO 639-1 has it."""

    language: str
    lowercase: bool

    def bleu(self, hypotheses: Sequence[str], references: References) -> Score:
        """Corpus BLEU, 0 to 100 (Papineni et al. 2002).

        Raises:
            ValueError: no sentences, or not one list of references per hypothesis.
        """
        metric = self._metric()
        return Score(_counted(metric, hypotheses, references).score, str(metric.get_signature()))

    def length_ratio(self, hypotheses: Sequence[str], references: References) -> Score:
        """Words of the hypotheses over words of the references, the nearest in length of each sentence.

        Raises:
            ValueError: no sentences, or not one list of references per hypothesis.
        """
        metric = self._metric()
        counted = _counted(metric, hypotheses, references)
        return Score(counted.sys_len / counted.ref_len, f"length ratio of {metric.get_signature()}")

    def bleu_by_length(
        self, hypotheses: Sequence[str], references: References, sources: Sequence[str]
    ) -> list[Bucket]:
        """Corpus BLEU by the number of words, split at blanks, of the source sentence."""
        lengths = [max(len(source.split()), 1) for source in sources]
        buckets = []
        for low, high in BUCKETS:
            rows = [row for row, n in enumerate(lengths) if low <= n and (high is None or n <= high)]
            chosen = [hypotheses[row] for row in rows], [references[row] for row in rows]
            score = self.bleu(*chosen).value if rows else None
            buckets.append(Bucket(f"{low}-{high}" if high else f"{low}+", low, high, len(rows), score))
        return buckets

    def _metric(self) -> BLEU:
        return BLEU(lowercase=self.lowercase, tokenize=TOKENISATIONS.get(self.language, USUAL))


def _counted(metric: BLEU, hypotheses: Sequence[str], references: References) -> BLEUScore:
    if not hypotheses:
        raise ValueError("no sentences to score")
    if len(hypotheses) != len(references) or not all(references):
        raise ValueError(f"{len(hypotheses)} hypotheses need as many lists of at least one reference")
    # All first references, then all second ones …; None where a sentence has no more.
    streams = [list(stream) for stream in zip_longest(*references)]
    counted: BLEUScore = metric.corpus_score(list(hypotheses), streams)
    return counted
