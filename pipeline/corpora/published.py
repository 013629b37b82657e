"""Published corpora: from a mirror or from the publisher, whichever params name first and works.

A reader is a module of this package, found by its name, with `splits()`, `tables(corpus, fetcher, scratch)`,
NOTES, LICENCE and CITATION; and `read(path, where)` where a mirror's files are no Parquet.
"""

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.config.schema.corpora import DownloadedCorpus
from pipeline.corpora import canonical
from pipeline.corpora.canonical import store
from pipeline.corpora.fetch import Fetcher, terminal_progress
from pipeline.corpora.mirror import Mirror
from pipeline.errors import UserError
from pipeline.files import sha256_of_json

VARIABLE = "CORPORA_MIRROR"
WAYS_OUT = f"name a mirror ({VARIABLE}=/path/to/mirror) or run `make demo`, which needs no corpora"


def write(name: str, corpus: DownloadedCorpus, folder: Path) -> dict[str, Any]:
    """Fetches the corpus into `folder` from the first source that has it whole.

    Raises:
        UserError: none has; one line with what was tried, why each failed, and the ways out.
    """
    failures: list[str] = []
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{name}.") as scratch:
        for kind, place in _sources(corpus):
            try:
                facts = _fetch(kind, place, corpus, folder, Path(scratch))
            except UserError as error:
                failures.append(f"{kind} {error}")
                continue
            if failures:
                print(f"download {name}: took {kind}, since {'; '.join(failures)}", file=sys.stderr)
            return facts
    if "mirror" in corpus.sources and not any(kind == "mirror" for kind, _ in _sources(corpus)):
        failures.insert(0, f"mirror: none named by {VARIABLE} or params")
    raise UserError(f"corpora.{name}: no source works: {'; '.join(failures)}; {WAYS_OUT}")


def _sources(corpus: DownloadedCorpus) -> Iterator[tuple[str, str]]:
    """Kinds and places in the order of params; among mirrors the environment's first."""
    for kind in corpus.sources:
        if kind == "mirror":
            yield from ((kind, place) for place in (os.environ.get(VARIABLE), corpus.mirror) if place)
        else:
            yield kind, corpus.upstream if isinstance(corpus.upstream, str) else corpus.upstream.url


def _fetch(kind: str, place: str, corpus: DownloadedCorpus, folder: Path, scratch: Path) -> dict[str, Any]:
    reader = importlib.import_module(f"pipeline.corpora.{corpus.reader}")
    with terminal_progress() as progress:
        fetcher = Fetcher(retries=corpus.retries, timeout_seconds=corpus.timeout_seconds, progress=progress)
        if kind == "mirror":
            mirror = Mirror(place, corpus.reader, fetcher, scratch)
            read = getattr(reader, "read", canonical.read)
            revision, tables = mirror.revision, mirror.tables(reader.splits(), read)
        else:
            revision, tables = "", reader.tables(corpus, fetcher, scratch)
        splits = store(tables, folder)
        return {
            "source": kind,
            # A folder by its name: where it lies is this machine's affair, and provenance is committed.
            "place": place if "://" in place else Path(place).resolve().name,
            "revision": revision or f"sha256 {sha256_of_json(sorted(fetcher.digests.values()))}",
            "splits": splits,
            "licence": reader.LICENCE,
            "citation": reader.CITATION,
            "notes": list(reader.NOTES),
        }
