"""The ledger as Markdown, for docs/ledger.md."""

from collections.abc import Sequence
from itertools import groupby

from pipeline.claims.rows import ClaimRow, in_short

HEAD = """# The claims ledger

What the notes say, and what the committed results of the real profile (`results/full/`) say about it. Written
by `make ledger`, which judges again without training anything. **R** marks what the notes ask for. A verdict
`holds` or is `refuted` where the 95 % interval (over seeds, and test items where they could be counted,
Holm-corrected within the claim) lies wholly on one side of a threshold that was fixed beforehand; it
`depends` where conditions split. Claims on generated sequences say so.
"""


def ledger(rows: Sequence[ClaimRow]) -> str:
    """The page; the same rows give the same text."""
    parts = [HEAD, f"{in_short(rows)}.", ""]
    for section, own in groupby(rows, key=lambda row: row.section):
        parts += [f"## {section}", "", "| claim | verdict | what decided |", "|---|---|---|"]
        parts += [_line(row) for row in own]
        parts.append("")
    return "\n".join(parts)


def _line(row: ClaimRow) -> str:
    red = "**R** " if row.red else ""
    claim = f"{red}`{row.id}` {row.sentence}"
    return f"| {_cell(claim)} | **{row.verdict}** | {_cell(_decided(row))} |"


def _decided(row: ClaimRow) -> str:
    parts = [row.summary]
    if row.lesson:
        parts.append(f"*{row.lesson}*")
    if row.needs:
        parts.append(f"To decide: {row.needs}.")
    if row.sources:
        corpora = dict.fromkeys(
            f"{source.corpus} ({'generated' if source.embedded else 'real'})" for source in row.sources
        )
        parts.append(f"On {', '.join(corpora)}.")
    return " ".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
