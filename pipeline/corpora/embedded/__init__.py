"""Corpora that the project generates itself, with known truth; same schema as the real ones."""

from pathlib import Path
from types import ModuleType
from typing import Any

from pipeline.config.schema.corpora import (
    AlgorithmicCorpus,
    QuestionsCorpus,
    RepliesCorpus,
    ReviewsCorpus,
    ScenesCorpus,
    SeriesCorpus,
    SummariesCorpus,
    TagsCorpus,
    TextCorpus,
    TonesCorpus,
    TranslationCorpus,
)
from pipeline.corpora.canonical import checked, store
from pipeline.corpora.embedded import (
    algorithmic,
    questions,
    replies,
    reviews,
    scenes,
    series,
    summaries,
    tags,
    text,
    tones,
    translation,
)

EmbeddedCorpus = (
    AlgorithmicCorpus
    | QuestionsCorpus
    | RepliesCorpus
    | ReviewsCorpus
    | ScenesCorpus
    | SeriesCorpus
    | SummariesCorpus
    | TagsCorpus
    | TextCorpus
    | TonesCorpus
    | TranslationCorpus
)
GENERATORS: dict[str, ModuleType] = {
    "algorithmic": algorithmic,
    "questions": questions,
    "replies": replies,
    "reviews": reviews,
    "scenes": scenes,
    "series": series,
    "summaries": summaries,
    "tags": tags,
    "text": text,
    "tones": tones,
    "translation": translation,
}
"""Each has `splits(corpus)` and `generate(corpus)`, and may have `notes(corpus, tables)`."""


def write(name: str, corpus: EmbeddedCorpus, folder: Path) -> dict[str, Any]:
    """Generates the corpus into `folder` and says what it wrote."""
    generator = GENERATORS[corpus.reader]
    splits, tables = generator.splits(corpus), generator.generate(corpus)
    whole = ((split, checked(tables[split.name], split, f"{name}/{split.name}")) for split in splits)
    return {
        "source": "generated",
        "place": f"pipeline/corpora/embedded/{corpus.reader}.py",
        "revision": f"seed {corpus.seed}",
        "splits": store(whole, folder),
        "licence": "as this project, which generates it",
        "citation": None,
        "notes": generator.notes(corpus, tables) if hasattr(generator, "notes") else [],
    }
