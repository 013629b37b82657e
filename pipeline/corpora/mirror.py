"""A mirror: a folder or URL with `manifest.json` and one file per split, Parquet if the reader says nothing.

The manifest's part that is read: {"corpora": {READER: {"source": text, "files":
[{"split", "path", "rows", "sha256"}, …]}}}; a split's name is ours in small letters, with _ for / and -.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.corpora import canonical
from pipeline.corpora.canonical import Split
from pipeline.corpora.fetch import Fetcher
from pipeline.errors import UserError

Read = Callable[[Path, str], pa.Table]
"""A local file, and where it comes from -> its table, not yet checked."""


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
            self._files = {re.sub("[/-]", "_", file["split"]).lower(): file for file in entry["files"]}
        except (KeyError, TypeError, AttributeError):
            raise UserError(f"{self._base}/manifest.json: lacks {corpus} with source and files") from None

    def tables(
        self, splits: Sequence[Split], read: Read = canonical.read
    ) -> Iterator[tuple[Split, pa.Table]]:
        """The splits, checked against manifest and schema.

        Args:
            read: how a file of this corpus is read.

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
            url, local = f"{self._base}/{path}", self._scratch / "split"
            self._fetcher.get(url, local, sha256=sha256)
            table = read(local, url)
            yield split, canonical.checked(table, dataclasses.replace(split, rows=rows), url)
            local.unlink()

    def _manifest(self) -> Any:
        url, local = f"{self._base}/manifest.json", self._scratch / "manifest.json"
        self._fetcher.get(url, local)
        try:
            return json.loads(local.read_text(encoding="utf-8"))
        except ValueError as error:
            raise UserError(f"{url}: not JSON ({error})") from error
