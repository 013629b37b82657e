"""The ledger as Markdown, for docs/ledger.md."""

from itertools import groupby

from pipeline.claims.ledger import Row, counts

HEAD = """# The claims ledger

What the notes say, and what the committed results of the real profile (`results/full/`) say about it. Written
by `make ledger`, which judges again without training anything. **R** marks what the notes ask for. A verdict
`holds` or is `refuted` where the 95 % interval (over seeds, and test items where they could be counted,
Holm-corrected within the claim) lies wholly on one side of a threshold that was fixed beforehand; it
`depends` where conditions split. Claims on generated sequences say so.
"""


def ledger(rows: list[Row]) -> str:
    """The page; the same rows give the same text."""
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts(rows).items() if count)
    parts = [HEAD, f"{len(rows)} claims: {told}.", ""]
    for section, own in groupby(rows, key=lambda row: row["section"]):
        parts += [f"## {section}", "", "| claim | verdict | what decided |", "|---|---|---|"]
        parts += [_line(row) for row in own]
        parts.append("")
    return "\n".join(parts)


def _line(row: Row) -> str:
    red = "**R** " if row["red"] else ""
    claim = f"{red}`{row['id']}` {row['sentence']}"
    return f"| {_cell(claim)} | **{row['verdict']}** | {_cell(_decided(row))} |"


def _decided(row: Row) -> str:
    parts = [row["summary"]]
    if row.get("lesson"):
        parts.append(f"*{row['lesson']}*")
    if row.get("needs"):
        parts.append(f"To decide: {row['needs']}.")
    if row["sources"]:
        corpora = dict.fromkeys(
            f"{source['corpus']} ({'generated' if source['embedded'] else 'real'})"
            for source in row["sources"]
        )
        parts.append(f"On {', '.join(corpora)}.")
    return " ".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
