"""Turns a downloaded corpus into tokens, tokenizer and statistics: `python -m stages.prepare DATASET`."""

import sys
import time
from pathlib import Path

from pipeline.config import load
from pipeline.data.prepare import prepare
from pipeline.files import sha256_of_folder, write_json
from stages.entry import run


def main() -> None:
    key, start, params = sys.argv[1], time.monotonic(), load()
    dataset = params.datasets[key]
    folder = Path("data/prepared") / params.profile / key
    statistics = prepare(dataset, Path("data/raw") / params.profile / dataset.corpus, folder)
    facts = {
        "dataset": key,
        "corpus": dataset.corpus,
        "kind": dataset.kind,
        "digest": sha256_of_folder(folder),
    }
    minutes = (time.monotonic() - start) / 60
    path = Path("results") / params.profile / "datasets" / f"{key}.json"
    write_json(path, [facts | statistics | {"minutes": round(minutes, 3)}])
    rows = ", ".join(f"{split} {facts['rows']:,}" for split, facts in statistics["splits"].items())
    print(f"prepare {key}: {rows} rows in {minutes * 60:.1f} s")


if __name__ == "__main__":
    run(main)
