"""BLEU: the notes' worked example and formulas beside sacreBLEU's."""

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from sacrebleu.metrics.bleu import BLEU, BLEUScore

from pipeline.metrics.notes_bleu import Words, notes_bleu, notes_length_factor, notes_precision
from pipeline.probes.identities.check import About, Check, Checks, told

REFERENCES = [["the", "cat", "is", "on", "the", "mat"], ["there", "is", "a", "cat", "on", "the", "mat"]]
REPEATED = ["the"] * 7
OUTPUTS = 200
"""Random ones."""


def clipping() -> Iterator[Check]:
    about = About("bleu-clipping")
    wanted = "2/7, 0, 0, 0, 0, 0, 0"
    standard = [clipped_precision(REPEATED, REFERENCES, n) for n in range(1, 8)]
    yield about.equal("p_1 … p_7 of 'the' seven times, by sacreBLEU's counts", _listed(standard), wanted)
    notes = [notes_precision(REPEATED, REFERENCES, n) for n in range(1, 8)]
    yield about.equal("p_1 … p_7 of 'the' seven times, by the notes' counts", _listed(notes), wanted)
    short = REPEATED[:1]
    beside = f" (sacreBLEU: {clipped_precision(short, REFERENCES, 1)})"
    found = notes_precision(short, REFERENCES, 1)
    yield about.at_most("p_1 of 'the' once, by the notes' counts", found, Fraction(1), beside=beside)


def formula() -> Iterator[Check]:
    about = About("bleu-formula")
    reference = REFERENCES[0]
    standard = BLEU.compute_bleu([1] * 4, [1] * 4, sys_len=1, ref_len=6).bp
    check = "the notes' factor for an output of 1 word where the reference has 6"
    yield about.at_most(check, notes_length_factor(1, 6), 1, beside=f" (standard: {told(standard)})")
    check = "the notes' score of the reference itself"
    found, beside = (
        notes_bleu(reference, [reference]),
        f" (sacreBLEU: {told(standard_bleu(reference, [reference]))})",
    )
    yield about.at_most(check, found, 1, beside=beside)
    cuts = [reference[:length] for length in (2, 3, 4, 5, 6)]
    theirs = ", ".join(told(round(standard_bleu(cut, [reference]), 2)) for cut in cuts)
    scores = [round(notes_bleu(cut, [reference]), 2) for cut in cuts]
    check = "the notes' scores of the reference cut to 2, 3, 4, 5 words and whole"
    yield about.rising(check, scores, beside=f" (sacreBLEU: {theirs})")
    stranger = ["dogs", "bark"]
    check = "the notes' score of an output without any word of the reference"
    found, beside = (
        notes_bleu(stranger, [reference]),
        f" (sacreBLEU: {told(standard_bleu(stranger, [reference]))})",
    )
    yield about.at_most(check, found, 0, beside=beside)


def references() -> Iterator[Check]:
    about = About("bleu-references")
    drawn = random.Random(0)

    def sentence() -> Words:
        return [drawn.choice("abcde") for _ in range(drawn.randint(4, 9))]

    fallen = risen = 0
    for _ in range(OUTPUTS):
        output, known = sentence(), [sentence() for _ in range(3)]
        counts = [_statistics(output, known[:number]).counts for number in (1, 2, 3)]
        steps = [after - before for pair in pairwise(counts) for before, after in zip(*pair, strict=True)]
        fallen += sum(step < 0 for step in steps)
        risen += sum(step > 0 for step in steps)
    check = f"clipped counts of {OUTPUTS} random outputs that {{}} with a second or third reference"
    yield about.equal(check.format("fell"), fallen, 0)
    yield about.above(check.format("rose"), risen, 0)


def _listed(precisions: Sequence[Fraction]) -> str:
    return ", ".join(map(str, precisions))


def clipped_precision(hypothesis: Words, references: Sequence[Words], n: int) -> Fraction:
    """p_n by sacreBLEU's counts; 0 where it has none."""
    found = _statistics(hypothesis, references, order=n)
    return Fraction(found.counts[n - 1], found.totals[n - 1])


def standard_bleu(hypothesis: Words, references: Sequence[Words]) -> float:
    """sacreBLEU's of one sentence, 0 to 1, over the n-grams that it has."""
    return float(_statistics(hypothesis, references).score / 100)


def _statistics(hypothesis: Words, references: Sequence[Words], *, order: int = 4) -> BLEUScore:
    metric = BLEU(tokenize="none", max_ngram_order=order, effective_order=True)
    return metric.sentence_score(" ".join(hypothesis), [" ".join(each) for each in references])


CHECKS: list[Checks] = [clipping, formula, references]
