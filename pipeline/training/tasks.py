"""Which module trains a task.

Only who schedules runs imports this: a run is told its module, so that a new task leaves the code digests of
all others, and with them every finished run, as they are.
"""

from pipeline.config.schema.classification import Classification
from pipeline.config.schema.params import AnyExperiment
from pipeline.config.schema.translation import Translation

TASK_MODULES = {
    "classification": "pipeline.tasks.many_to_one",
    "translation": "pipeline.tasks.seq2seq",
    "tagging": "pipeline.tasks.many_to_many",
    "forecasting": "pipeline.tasks.forecasting",
    "algorithmic": "pipeline.tasks.algorithmic",
    "transduction": "pipeline.tasks.transduction",
    "rating": "pipeline.tasks.rating",
    "language_modelling": "pipeline.tasks.language_modelling",
    "captioning": "pipeline.tasks.one_to_many",
    "transcription": "pipeline.tasks.transcription",
    "imputation": "pipeline.tasks.imputation",
}


def module_of(experiment: AnyExperiment) -> str:
    """Which module trains an experiment, or one of its variants: its task's, but for what only some do."""
    if isinstance(experiment, Classification) and (experiment.data.few or experiment.data.reading):
        return "pipeline.tasks.reading_first"
    if isinstance(experiment, Translation) and (experiment.data.few or experiment.data.parent):
        return "pipeline.tasks.parent_first"
    return TASK_MODULES[experiment.task]
