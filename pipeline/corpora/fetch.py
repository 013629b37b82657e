"""Files from wherever they lie: local folders, HTTP(S), and whatever else fsspec has a driver for."""

import errno
import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import fsspec
from fsspec.callbacks import Callback
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from pipeline.errors import UserError
from pipeline.files import sha256_of_file

BACKOFF_SECONDS = 1.0
"""The first retry waits up to this long, each further one up to twice as long."""
LONGEST_BACKOFF_SECONDS = 30.0
USER_AGENT = "Mozilla/5.0 (compatible; Unrolled)"
"""manythings.org answers 406 to the names that Python's HTTP clients give themselves."""


class Fetcher:
    """Copies remote files into a scratch folder and verifies them there."""

    def __init__(self, *, retries: int, timeout_seconds: float, progress: Progress) -> None:
        self._retries, self._timeout, self._progress = retries, timeout_seconds, progress
        self.digests: dict[str, str] = {}
        """URL -> SHA-256 of what came."""

    def get(self, url: str, path: Path, *, sha256: str | None = None, md5: str | None = None) -> None:
        """Fetches a file; tries again, from the start, what may pass: 5xx, broken or silent connections.

        Raises:
            UserError: the source doesn't have it, keeps failing, or served other bytes than promised.
        """
        attempts = Retrying(
            stop=stop_after_attempt(1 + self._retries),
            wait=wait_random_exponential(multiplier=BACKOFF_SECONDS, max=LONGEST_BACKOFF_SECONDS),
            retry=retry_if_exception(_may_pass),
            reraise=True,
        )
        try:
            attempts(self._copy, url, path)
        except (OSError, aiohttp.ClientError, ValueError, ImportError) as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise
            tried = attempts.statistics["attempt_number"]
            times = f" after {tried} attempts" if tried > 1 else ""
            raise UserError(f"{url}: {_reason(error)}{times}") from error
        _verify(path, url, sha256=sha256, md5=md5)
        self.digests[url] = sha256_of_file(path)

    def _copy(self, url: str, path: Path) -> None:
        filesystem, location = fsspec.core.url_to_fs(url, **self._options(url))
        with _bar(self._progress, url) as callback:
            filesystem.get_file(location, str(path), callback=callback)

    def _options(self, url: str) -> dict[str, Any]:
        if not url.startswith(("http://", "https://")):
            return {}
        # Of silence, not of the whole transfer; and the bytes as stored, never unpacked on the way.
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._timeout, sock_read=self._timeout)
        headers = {"Accept-Encoding": "identity", "User-Agent": USER_AGENT}
        return {"client_kwargs": {"timeout": timeout, "headers": headers, "trust_env": True}}


def terminal_progress() -> Progress:
    """A bar per file on a terminal, nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


class _Bar(Callback):  # type: ignore[misc]
    """fsspec's callback as one of rich's tasks."""

    def __init__(self, progress: Progress, name: str) -> None:
        super().__init__()
        self._progress, self.task = progress, progress.add_task(name, total=None)

    def call(self, hook_name: str | None = None, **kwargs: Any) -> None:
        self._progress.update(self.task, total=self.size, completed=self.value)


@contextmanager
def _bar(progress: Progress, url: str) -> Iterator[_Bar]:
    bar = _Bar(progress, url.rsplit("/", 1)[-1])
    try:
        yield bar
    finally:
        progress.remove_task(bar.task)


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, aiohttp.ClientResponseError):
        return error.status >= 500 or error.status in (408, 429)
    # A wrong host or port may pass too: the machine's network may just be coming up.
    return isinstance(error, aiohttp.ClientError | TimeoutError | ConnectionError)


def _reason(error: BaseException) -> str:
    match error:
        case aiohttp.ClientResponseError():
            return f"HTTP {error.status} {error.message}"
        case aiohttp.ClientPayloadError():
            return "the connection broke off"
        case aiohttp.ClientConnectorError():
            return f"can't connect ({error.os_error.strerror or error.os_error})"
        case FileNotFoundError():
            return "not there (404 or no such file)"
        case TimeoutError():
            return "the server fell silent"
    return f"{type(error).__name__} {error}".strip().splitlines()[0]


def _verify(path: Path, url: str, *, sha256: str | None, md5: str | None) -> None:
    for name, expected in (("sha256", sha256), ("md5", md5)):
        if expected is None:
            continue
        with path.open("rb") as file:
            found = hashlib.file_digest(file, name).hexdigest()
        if found != expected:
            raise UserError(f"{url}: other bytes than promised ({name} {found}, expected {expected})")
