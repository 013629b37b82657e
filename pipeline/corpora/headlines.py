"""News_Summary (Vonteru 2017): 60-word texts of the news service Inshorts, and their headlines."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from pipeline.config.schema.corpora import HeadlinesCorpus
from pipeline.corpora import canonical
from pipeline.corpora.canonical import Split, checked, text_schema
from pipeline.corpora.fetch import Fetcher
from pipeline.errors import UserError

NOTES = (
    "No official split: datasets draw validation and test by text. No text and no headline stands twice.",
    "65 % of a headline's words stand in its text; the rest can't be copied.",
    "Typographic quotes, dashes and the rupee sign were ? already in the published file: 379 headlines and "
    "746 texts hold one.",
    "The newspapers' articles, which the publisher adds, are left out: 118 are missing, 127 are shorter than "
    "their text, and 71 were garbled before they were published.",
)
"""What to know before believing a number; the report shows it."""
LICENCE = "none published; the texts are Inshorts' and the newspapers', so they are for research only"
CITATION = "Vonteru 2017, News Summary, https://github.com/sunnysai12345/News_Summary"
ROWS = 4_514
COLUMNS = {"text": "text", "summary": "headlines"}
"""Ours -> the publisher's."""
ENCODING = "cp1252"


def splits() -> list[Split]:
    return [Split("inshorts", text_schema(*COLUMNS), ROWS)]


def tables(corpus: HeadlinesCorpus, fetcher: Fetcher, scratch: Path) -> Iterator[tuple[Split, pa.Table]]:
    """The publisher's CSV file; blanks around texts go.

    Raises:
        UserError: the file is missing, has other columns or rows, or isn't cp1252.
    """
    url, path = f"{corpus.upstream.rstrip('/')}/news_summary.csv", scratch / "news_summary.csv"
    fetcher.get(url, path)
    try:
        content = path.read_bytes().decode(ENCODING)
    except UnicodeDecodeError as error:
        raise UserError(f"{url}: not {ENCODING} (byte {error.start}); fetch it again") from error
    reader = csv.DictReader(io.StringIO(content, newline=""))
    if missing := set(COLUMNS.values()).difference(reader.fieldnames or ()):
        raise UserError(f"{url}: has no column {', '.join(sorted(missing))}; fetch it again")
    rows = [{ours: (row[theirs] or "").strip() for ours, theirs in COLUMNS.items()} for row in reader]
    (split,) = splits()
    yield split, checked(pa.Table.from_pylist(rows, split.schema), split, url)


def read(path: Path, where: str) -> pa.Table:
    """A mirror's file, which has the articles too."""
    table = canonical.read(path, where)
    return table.drop_columns(["article"]) if "article" in table.column_names else table
