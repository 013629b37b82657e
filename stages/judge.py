"""Judges every claim by the profile's results: `python -m stages.judge`."""

from pathlib import Path

from pipeline.claims.ledger import judge_all
from pipeline.claims.markdown import ledger
from pipeline.claims.rows import REAL, counts, in_short, read_rows
from pipeline.config import load
from pipeline.files import write_json, write_text
from stages.entry import run

LEDGER = Path("docs/ledger.md")


def main() -> None:
    params = load()
    results = Path("results") / params.profile
    path = results / "claims.json"
    write_json(path, judge_all(results, list(params.experiments)))
    rows = read_rows(path)
    write_json(results / "verdicts.json", {"claims": counts(rows)})
    if params.profile == REAL:
        write_text(LEDGER, ledger(rows))
    print(f"judge: {in_short(rows)}")


if __name__ == "__main__":
    run(main)
