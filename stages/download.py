"""Brings a corpus into canonical Parquet and notes where it came from: `python -m stages.download CORPUS`."""

import sys
from pathlib import Path

from pipeline.config import load
from pipeline.corpora import download
from pipeline.files import write_json
from stages.entry import run


def main() -> None:
    key, params = sys.argv[1], load()
    provenance = download(key, params.corpora[key], Path("data/raw") / params.profile / key)
    write_json(Path("results") / params.profile / "corpora" / f"{key}.json", [provenance])
    rows = ", ".join(f"{split} {facts['rows']:,}" for split, facts in provenance["splits"].items())
    print(f"download {key}: {rows} rows from {provenance['source']} in {provenance['minutes'] * 60:.0f} s")


if __name__ == "__main__":
    run(main)
