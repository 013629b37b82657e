"""How well a text answers: exact match, BLEU by sacreBLEU, ROUGE by torchmetrics."""

from collections.abc import Callable, Sequence
from importlib.metadata import version

from torchmetrics.functional.text.rouge import rouge_score

from pipeline.metrics.score import Score
from pipeline.metrics.translation import References, bleu, chrf, length_ratio
from pipeline.text.sentences import bare

ROUGE = {"rouge_l": "rougeL", "rouge_1": "rouge1", "rouge_2": "rouge2"}
"""Our name -> the library's."""


def scores(measure: str, hypotheses: Sequence[str], references: References) -> dict[str, Score]:
    """The measure, and what is told beside it.

    Args:
        measure: exact_match, bleu or rouge_l.

    Raises:
        ValueError: no answers, or not one list of references per answer.
    """
    if not hypotheses or len(hypotheses) != len(references) or not all(references):
        raise ValueError(f"{len(hypotheses)} answers need as many lists of at least one reference")
    return MEASURES[measure](hypotheses, references)


def exact(hypothesis: str, references: Sequence[str]) -> bool:
    """Whether it is one of the references, capitals, marks and blanks aside."""
    return bare(hypothesis) in {bare(reference) for reference in references}


def exact_match(hypotheses: Sequence[str], references: References) -> Score:
    """Share of answers that are right word for word, 0 to 1."""
    right = [exact(*pair) for pair in zip(hypotheses, references, strict=True)]
    return Score(
        sum(right) / len(right), "share of texts whose letters and numbers are a reference's, casefolded"
    )


def rouge(hypotheses: Sequence[str], references: References) -> dict[str, Score]:
    """F1 of common words in order (L), of single words (1) and of pairs (2), 0 to 100 (Lin 2004).

    Of several references the best one counts.
    """
    lists = [list(each) for each in references]
    found = rouge_score(list(hypotheses), lists, accumulate="best", rouge_keys=tuple(ROUGE.values()))
    signature = f"F1, mean of texts, no stemming, torchmetrics {version('torchmetrics')}"
    return {
        ours: Score(100 * float(found[f"{name}_fmeasure"]), f"{name} {signature}")
        for ours, name in ROUGE.items()
    }


def _by_exact_match(hypotheses: Sequence[str], references: References) -> dict[str, Score]:
    return {"exact_match": exact_match(hypotheses, references)}


def _by_bleu(hypotheses: Sequence[str], references: References) -> dict[str, Score]:
    return {
        "bleu": bleu(hypotheses, references, lowercase=True),
        "chrf": chrf(hypotheses, references, lowercase=True),
        "length_ratio": length_ratio(hypotheses, references),
        "exact_match": exact_match(hypotheses, references),
    }


MEASURES: dict[str, Callable[[Sequence[str], References], dict[str, Score]]] = {
    "exact_match": _by_exact_match,
    "bleu": _by_bleu,
    "rouge_l": rouge,
}
"""Each gives the score of its own name first."""
