"""ETT from a mirror and from its publisher's CSV file; the numbers are made up."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.corpora import EttCorpus
from pipeline.corpora import download, ett
from pipeline.errors import UserError

PLACE = "/raw/ETT-small/ETTh1.csv"
HEAD = "date,HUFL,HULL,MUFL,MULL,LUFL,LULL,OT"
# Numbers that need all of a double's digits, a whole one, a negative one; over the end of a year.
NUMBERS = [
    "5.827000141143799,2.009,1.5989999771118164,0.462,4.203,1.34,30.5310001373291",
    "-5.0,2,0.1,0.2,0.30000000000000004,1e-3,-3.7",
    "5.5,2.25,1.5,0.75,4.125,1.0,29.0",
]
DATES = ["2016-12-31 23:00:00", "2017-01-01 00:00:00", "2017-01-01 01:00:00"]


def _csv(dates: list[str] = DATES, numbers: list[str] = NUMBERS, head: str = HEAD) -> bytes:
    return ("\n".join([head, *map(",".join, zip(dates, numbers, strict=True))]) + "\n").encode()


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ett, "ROWS", {"etth1": len(DATES)})


def _corpus(**settings: Any) -> EttCorpus:
    base = {"reader": "ett", "sources": ["upstream"], "upstream": "none", "retries": 0}
    return EttCorpus.model_validate(base | settings)


def _mirror(folder: Path, content: bytes) -> str:
    """Beside a file that isn't read, as the real one."""
    (folder / "ett").mkdir(parents=True)
    (folder / "ett/ETTh1.csv").write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    files = [
        {"split": "ETTh1", "path": "ett/ETTh1.csv", "rows": len(DATES), "sha256": sha256},
        {"split": "ETTh2", "path": "ett/ETTh2.csv", "rows": 5, "sha256": "0"},
    ]
    manifest = {"corpora": {"ett": {"source": "made for a test", "files": files}}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return str(folder)


def test_the_same_from_everywhere(server: Any, tmp_path: Path) -> None:
    server.files[PLACE] = _csv()
    upstream = download("ett", _corpus(upstream=f"{server.url}/raw/"), tmp_path / "upstream")
    mirror = _mirror(tmp_path / "mirror", _csv())
    mirrored = download("ett", _corpus(sources=["mirror"], mirror=mirror), tmp_path / "mirrored")
    assert upstream["splits"] == mirrored["splits"]
    assert (upstream["source"], mirrored["source"]) == ("upstream", "mirror")
    assert mirrored["licence"] == "CC BY-ND 4.0"
    written = [(tmp_path / name / "etth1.parquet").read_bytes() for name in ("upstream", "mirrored")]
    assert written[0] == written[1]
    table = pq.read_table(tmp_path / "upstream/etth1.parquet")
    assert table.column_names == HEAD.split(",")
    assert table["date"].to_pylist() == DATES
    rows = zip(*(table[name].to_pylist() for name in HEAD.split(",")[1:]), strict=True)
    assert list(rows) == [tuple(map(float, line.split(","))) for line in NUMBERS]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_csv(numbers=[*NUMBERS[:2], "5,2,1,,4,1,29"]), r"ETTh1\.csv: .*Row #4: .*invalid value ''"),
        (_csv(numbers=[*NUMBERS[:2], "5,2,1,no,4,1,29"]), r"ETTh1\.csv: .*Row #4: .*invalid value 'no'"),
        (_csv(numbers=[*NUMBERS[:2], "5,2,1"]), r"ETTh1\.csv: .*Row #4: Expected 8 columns, got 4"),
        (
            _csv(numbers=[NUMBERS[0], "5,2,1,nan,4,1,29", NUMBERS[2]]),
            r"ETTh1\.csv, row 1 \(from 0\), column MULL: is nan, no finite number; fetch it again",
        ),
        (
            _csv([DATES[0], DATES[2], DATES[1]]),
            r"row 1 \(from 0\), column date: 2017-01-01 01:00:00 is not an hour after 2016-12-31 23:00:00",
        ),
        (_csv([*DATES[:2], "2017-01-01"]), r"row 2 \(from 0\), column date: '2017-01-01' is no date like"),
        (_csv(head=HEAD.replace("MUFL", "mufl")), r"columns are date, HUFL, HULL, mufl.*needs date, HUFL"),
        (_csv(DATES[:2], NUMBERS[:2]), r"has 2 rows; needs 3"),
        (_csv([*DATES[:2], "\xff"]).decode().encode("latin-1"), r"ETTh1\.csv: .*invalid UTF8"),
        (b"", r"ETTh1\.csv: not CSV of a date and numbers \(Empty CSV file\)"),
    ],
)
@pytest.mark.parametrize("transport", ["upstream", "mirror"])
def test_a_broken_file_is_named_with_its_row(
    content: bytes, message: str, transport: str, server: Any, tmp_path: Path
) -> None:
    server.files[PLACE] = content
    mirror = _mirror(tmp_path / "mirror", content)
    corpus = _corpus(sources=[transport], upstream=f"{server.url}/raw", mirror=mirror)
    with pytest.raises(UserError, match=message) as caught:
        download("ett", corpus, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there(server: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"raw/ETT-small/ETTh1\.csv: not there"):
        download("ett", _corpus(upstream=f"{server.url}/raw"), tmp_path / "out")
