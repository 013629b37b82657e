"""What `make claim ID=...` runs, and how it ends."""

import difflib
from pathlib import Path
from typing import Any

from pipeline.claims.sections import SECTIONS
from pipeline.config.schema.params import Params
from pipeline.errors import UserError
from pipeline.files import read_json


def needed(name: str, params: Params) -> list[str]:
    """Stages whose results the claim's judge reads, and its pictures.

    Raises:
        UserError: no such claim, or the parameter file lacks all of its experiments.
    """
    claims = {claim.id: claim for section in SECTIONS for claim in section.claims}
    if name not in claims:
        close = difflib.get_close_matches(name, claims, n=1, cutoff=0.4)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(claims)}"
        raise UserError(f"claim {name!r}: there is none of this name; {hint}")
    claim = claims[name]
    known = [experiment for experiment in claim.experiments if experiment in params.experiments]
    if claim.experiments and not known:
        raise UserError(
            f"claim {name}: the embedded parameters have none of its experiments "
            f"({', '.join(claim.experiments)}); it runs on real text only"
        )
    probes = [probe for probe in (*claim.probes, *claim.pictures) if probe in params.looks]
    return ["check", *(f"evaluate@{experiment}" for experiment in known), *probes]


def verdict_of(name: str, results: Path) -> dict[str, Any]:
    """The claim's row of the ledger."""
    rows: list[dict[str, Any]] = read_json(results / "claims.json")
    return next(row for row in rows if row["id"] == name)
