"""News_Summary from a mirror and from the publisher's CSV file, all written for these tests."""

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.corpora import HeadlinesCorpus
from pipeline.corpora import download, headlines
from pipeline.errors import UserError

PLACE = "/master/news_summary.csv"
COLUMNS = ["author", "date", "headlines", "read_more", "text", "ctext"]
ROWS = [
    {
        "text": 'A café in Lyon sold its "last" cup, for £2.',
        "summary": "Café sells cup?",
        "article": "Long\nago",
    },
    {"text": "Nobody won the race?s prize.", "summary": "Prize not won", "article": None},
]


def sheet(rows: list[dict[str, Any]] = ROWS, columns: list[str] = COLUMNS) -> bytes:
    """As the publisher writes it, with blanks around some texts."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        own = {"headlines": f" {row['summary']}", "text": f"{row['text']}\n", "ctext": row["article"] or ""}
        writer.writerow({"author": "Ann", "date": "1 May", "read_more": "http://a.b"} | own)
    return buffer.getvalue().encode("cp1252")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headlines, "ROWS", len(ROWS))


def corpus(server: Any, **settings: Any) -> HeadlinesCorpus:
    base = {"reader": "headlines", "sources": ["upstream"], "upstream": f"{server.url}/master/", "retries": 0}
    return HeadlinesCorpus.model_validate(base | settings)


def test_the_same_from_everywhere(server: Any, write_mirror: Any, tmp_path: Path) -> None:
    server.files[PLACE] = sheet()
    mirror = write_mirror(tmp_path / "mirror", "headlines", {"inshorts": ROWS})
    upstream = download("news", corpus(server), tmp_path / "upstream")
    mirrored = download("news", corpus(server, sources=["mirror"], mirror=str(mirror)), tmp_path / "mirrored")
    assert upstream["splits"] == mirrored["splits"]
    assert upstream["splits"]["inshorts"]["columns"] == ["text", "summary"]
    rows = [{name: row[name] for name in ("text", "summary")} for row in ROWS]
    assert pq.read_table(tmp_path / "upstream/inshorts.parquet").to_pylist() == rows


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (sheet()[: sheet().index(b"Prize")], r"row 1 \(from 0\), column text: is empty; fetch it again"),
        (sheet(ROWS[:1]), "has 1 rows; needs 2; fetch it again"),
        (sheet().replace(b"\xe9", b"\x81"), r"news_summary\.csv: not cp1252 \(byte \d+\)"),
        (sheet(columns=[*COLUMNS[:2], *COLUMNS[3:]]), "has no column headlines; fetch it again"),
        (b"", "has no column headlines, text"),
    ],
    ids=["truncated", "row missing", "not cp1252", "column missing", "empty"],
)
def test_a_broken_file_is_named(content: bytes, line: str, server: Any, tmp_path: Path) -> None:
    server.files[PLACE] = content
    with pytest.raises(UserError, match=line) as caught:
        download("news", corpus(server), tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
