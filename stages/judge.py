"""Judges every claim by the profile's results: `python -m stages.judge`."""

from pathlib import Path

from pipeline.claims.ledger import counts, judge_all
from pipeline.claims.markdown import ledger
from pipeline.config import load
from pipeline.files import write_json, write_text
from stages.entry import run

LEDGER = Path("docs/ledger.md")
REAL = "full"
"""The profile whose verdicts docs/ledger.md tells."""


def main() -> None:
    params = load()
    results = Path("results") / params.profile
    rows = judge_all(results, list(params.experiments))
    write_json(results / "claims.json", rows)
    if params.profile == REAL:
        write_text(LEDGER, ledger(rows))
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts(rows).items() if count)
    print(f"judge: {len(rows)} claims: {told}")


if __name__ == "__main__":
    run(main)
