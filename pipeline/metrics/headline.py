"""The metric by which an experiment is read."""

from collections.abc import Collection

CHOICES = {
    "classification": ["accuracy"],
    "translation": ["bleu"],
    "tagging": ["entity_f1", "accuracy"],
}
"""Higher is better for each of them."""


def headline(task: str, scored: Collection[str]) -> str:
    """The first of the task's metrics that was scored; its last one where none was."""
    choices = CHOICES[task]
    return next((metric for metric in choices if metric in scored), choices[-1])
