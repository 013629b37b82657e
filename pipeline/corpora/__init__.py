"""Corpora: a reader per published corpus, a generator per embedded one, all to the same canonical Parquet."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.config.schema.corpora import Corpus, DownloadedCorpus
from pipeline.files import atomic_folder


def download(name: str, corpus: Corpus, folder: Path) -> dict[str, Any]:
    """Writes a corpus as `folder`/SPLIT.parquet, whole or not at all.

    Args:
        name: the corpus's key in params.

    Returns:
        provenance: corpus, reader, source (mirror, upstream, generated), place, revision, licence, citation,
            notes, rows, columns and digest of each split, time (UTC) and minutes.

    Raises:
        UserError: no source works, or nothing can be generated from these parameters.
    """
    start = time.monotonic()
    with atomic_folder(folder) as part:
        # Imported here: the HTTP client takes half a second that the generators don't need.
        if isinstance(corpus, DownloadedCorpus):
            from pipeline.corpora import published

            facts = published.write(name, corpus, part)
        else:
            from pipeline.corpora import embedded

            facts = embedded.write(name, corpus, part)
    minutes = round((time.monotonic() - start) / 60, 3)
    return {
        "corpus": name,
        "reader": corpus.reader,
        **facts,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "minutes": minutes,
    }
