"""Electricity Transformer Temperature (Zhou et al. 2021): ETTh1, two years of a transformer, hour by hour.

Six loads and the oil temperature OT that follows from them and from the weather.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from pipeline.config.schema.corpora import EttCorpus
from pipeline.corpora.canonical import Split, checked
from pipeline.corpora.fetch import Fetcher
from pipeline.corpora.hourly import SCHEMA, check_hours
from pipeline.errors import UserError

NOTES = (
    "One series of one transformer: windows overlap, so that thousands of them are far fewer independent "
    "cases, and an interval over seeds tells of chance in training alone.",
    "The oil gets colder over the years: 17.1 °C on average in training, 15.6 in validation, 4.8 in test. "
    "A forecast that returns to the training's mean does well in validation and badly in the test.",
    "The first 12, 4 and 4 months of 30 days are used, as in the literature; the last 3,020 hours are not.",
)
"""What to know before believing a number; the report shows it."""
LICENCE = "CC BY-ND 4.0"
CITATION = (
    "Zhou et al. 2021, Informer: Beyond Efficient Transformer for Long Sequence Time-Series Forecasting, AAAI"
)
ROWS = {"etth1": 17_420}
FILE = "ETT-small/ETTh1.csv"


def splits() -> list[Split]:
    return [Split(name, SCHEMA, rows) for name, rows in ROWS.items()]


def tables(corpus: EttCorpus, fetcher: Fetcher, scratch: Path) -> Iterator[tuple[Split, pa.Table]]:
    """The publisher's CSV file.

    Raises:
        UserError: names the file (and row) that is missing, broken, no number, or not the next hour.
    """
    (split,), path, url = splits(), scratch / "series.csv", f"{corpus.upstream.rstrip('/')}/{FILE}"
    fetcher.get(url, path)
    yield split, checked(read(path, url), split, url)


def read(path: Path, where: str) -> pa.Table:
    """The CSV file as a table; a mirror has the same file."""
    options = csv.ConvertOptions(column_types=SCHEMA, null_values=[], strings_can_be_null=False)
    try:
        # With one thread, messages name the row.
        table = csv.read_csv(path, csv.ReadOptions(use_threads=False), convert_options=options)
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise UserError(f"{where}: not CSV of a date and numbers ({reason}); fetch it again") from error
    if "date" in table.column_names:
        check_hours(table["date"].to_pylist(), where)
    return table
