"""The metric by which an experiment is read, and which way it is better."""

from collections.abc import Collection

CHOICES = {
    "classification": ["accuracy"],
    "translation": ["bleu"],
    "tagging": ["entity_f1", "accuracy"],
    "forecasting": ["mse"],
    "algorithmic": ["accuracy", "mse"],
    "transduction": ["bleu", "rouge_l", "exact_match"],
    "rating": ["mae"],
    "language_modelling": ["perplexity"],
    "captioning": ["cider"],
    "transcription": ["wer"],
    "imputation": ["mse"],
}
LOWER_IS_BETTER = frozenset({"mse", "mae", "perplexity", "wer", "ece", "filler_drop"})


def headline(task: str, scored: Collection[str]) -> str:
    """The first of the task's metrics that was scored; its last one where none was."""
    choices = CHOICES[task]
    return next((metric for metric in choices if metric in scored), choices[-1])


def gain(metric: str, value: float) -> float:
    """The value so that more is better; of mse_24 as of mse."""
    return -value if {metric, metric.partition("_")[0]} & LOWER_IS_BETTER else value
