"""A mirror: a folder or URL with `manifest.json` and one Parquet file per split.

The manifest's part that is read: {"corpora": {READER: {"source": text, "files":
[{"split", "path", "rows", "sha256"}, …]}}}; a split "multiref/train" is our "multiref_train", and "en-hi"
our "en_hi".
"""

import dataclasses
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.corpora import canonical
from pipeline.corpora.canonical import Split
from pipeline.corpora.fetch import Fetcher
from pipeline.errors import UserError


class Mirror:
    """One corpus in one mirror."""

    def __init__(self, place: str, corpus: str, fetcher: Fetcher, scratch: Path) -> None:
        """
        Raises:
            UserError: no manifest there, or the corpus isn't in it.
        """
        self._base = place.rstrip("/") if "://" in place else str(Path(place).resolve())
        self._fetcher, self._scratch = fetcher, scratch
        manifest = self._manifest()
        try:
            entry = manifest["corpora"][corpus]
            self.revision = str(entry["source"])
            self._files = {re.sub("[/-]", "_", file["split"]): file for file in entry["files"]}
        except (KeyError, TypeError, AttributeError):
            raise UserError(f"{self._base}/manifest.json: lacks {corpus} with source and files") from None

    def tables(self, splits: Sequence[Split]) -> Iterator[tuple[Split, pa.Table]]:
        """The splits, checked against manifest and schema.

        Raises:
            UserError: names the file and what is wrong with it.
        """
        for split in splits:
            try:
                file = self._files[split.name]
                path, rows, sha256 = str(file["path"]), int(file["rows"]), str(file["sha256"])
            except (KeyError, TypeError, ValueError):
                raise UserError(
                    f"{self._base}/manifest.json: has no split {split.name} with path, rows and sha256"
                ) from None
            url, local = f"{self._base}/{path}", self._scratch / f"{split.name}.parquet"
            self._fetcher.get(url, local, sha256=sha256)
            table = canonical.read(local, url)
            yield split, canonical.checked(table, dataclasses.replace(split, rows=rows), url)
            local.unlink()

    def _manifest(self) -> Any:
        url, local = f"{self._base}/manifest.json", self._scratch / "manifest.json"
        self._fetcher.get(url, local)
        try:
            return json.loads(local.read_text(encoding="utf-8"))
        except ValueError as error:
            raise UserError(f"{url}: not JSON ({error})") from error
