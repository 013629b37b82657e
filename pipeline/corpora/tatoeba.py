"""Tatoeba's sentence pairs as manythings.org/anki packs them: English with Hindi and with French."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from pipeline.config.schema.corpora import TatoebaCorpus
from pipeline.corpora.canonical import Split, checked, text_schema
from pipeline.corpora.fetch import Fetcher
from pipeline.errors import UserError

NOTES = (
    "No official split, and one English sentence has up to 32 translations: datasets draw validation and "
    "test by English sentence, and keep all translations of one as its references.",
    "The publisher's archives grow: rows and digests differ from one day to another, and from a mirror that "
    "was made earlier. The same pairs have the same digest wherever they come from, so the digests above "
    "say whether two copies are one.",
    "Each pair names its two authors (column attribution), as the licence asks; older releases don't (French "
    "of 2019), and then the column is missing.",
    "Mostly short everyday sentences, sorted by length; few authors wrote most of the Hindi ones.",
    "Left as published: a few Hindi sentences end in a Latin I or a bar where a danda was meant; French ones "
    "put no-break spaces before marks, which tokenizers and scores read as blanks.",
)
LICENCE = "CC BY 2.0 FR; attribution: tatoeba.org and www.manythings.org/anki"
CITATION = "Tatoeba Project, https://tatoeba.org; packed by Charles Kelly, https://www.manythings.org/anki"

LANGUAGES = {"hi": "hin", "fr": "fra"}
"""Column -> name of the archive and of the text in it."""
ATTRIBUTION = "attribution"


def splits() -> list[Split]:
    return [
        Split("en_hi", text_schema("en", "hi", ATTRIBUTION)),
        Split("en_fr", text_schema("en", "fr", ATTRIBUTION), optional=(ATTRIBUTION,)),
    ]


def tables(corpus: TatoebaCorpus, fetcher: Fetcher, scratch: Path) -> Iterator[tuple[Split, pa.Table]]:
    """The archives, a line a pair: English, translation and attribution between tabs, blanks around cut off.

    Raises:
        UserError: names the archive (and line) that is missing, broken, not UTF-8 or has other columns.
    """
    for split in splits():
        name = LANGUAGES[split.name.removeprefix("en_")]
        url, archive = f"{corpus.upstream.rstrip('/')}/{name}-eng.zip", scratch / "pairs.zip"
        fetcher.get(url, archive)
        rows = _rows(archive, f"{name}.txt", url)
        columns = split.schema.names[: len(rows[0])]
        cells = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))
        yield split, checked(pa.table(cells), split, url)


def _rows(archive: Path, name: str, url: str) -> list[list[str]]:
    """Cells by line, as many in each."""
    try:
        with zipfile.ZipFile(archive) as members:
            content = members.read(name)
    except KeyError:
        raise UserError(f"{url}: holds no {name}; fetch it again") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise UserError(f"{url}: truncated or no zip archive ({error}); fetch it again") from error
    rows: list[list[str]] = []
    for number, line in enumerate(content.removesuffix(b"\n").split(b"\n"), 1):
        try:
            cells = [cell.strip() for cell in line.decode().split("\t")]
        except UnicodeDecodeError as error:
            raise UserError(f"{url}, line {number}: not UTF-8 (byte {error.start})") from error
        if not 2 <= len(cells) <= 3 or (rows and len(cells) != len(rows[0])):
            needed = len(rows[0]) if rows else "2 or 3"
            raise UserError(f"{url}, line {number}: has {len(cells)} columns, needs {needed} (tabs between)")
        rows.append(cells)
    return rows
