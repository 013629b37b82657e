"""Corpora that the project generates itself, with known truth; same schema as the real ones."""

from pathlib import Path
from typing import Any

from pipeline.config.schema import ReviewsCorpus, TranslationCorpus
from pipeline.corpora.canonical import checked, store
from pipeline.corpora.embedded import reviews, translation


def write(name: str, corpus: ReviewsCorpus | TranslationCorpus, folder: Path) -> dict[str, Any]:
    """Generates the corpus into `folder` and says what it wrote."""
    if isinstance(corpus, ReviewsCorpus):
        splits, tables = reviews.splits(corpus), reviews.generate(corpus)
    else:
        splits, tables = translation.splits(corpus), translation.generate(corpus)
    whole = ((split, checked(tables[split.name], split, f"{name}/{split.name}")) for split in splits)
    return {
        "source": "generated",
        "place": f"pipeline/corpora/embedded/{corpus.reader}.py",
        "revision": f"seed {corpus.seed}",
        "splits": store(whole, folder),
        "licence": "as this project, which generates it",
        "citation": None,
    }
