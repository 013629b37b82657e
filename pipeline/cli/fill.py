"""A CSV file with empty cells -> the same one, filled."""

import sys
from pathlib import Path

from pipeline.cli.ahead import read_history
from pipeline.cli.models import open_bundle
from pipeline.errors import UserError


def ask_imputer(file: Path, model: str | None) -> None:
    table = read_history(file, as_written=True)
    bundle = open_bundle(model, "imputation")
    from pipeline.evaluation.predict.fillings import EMPTY
    from pipeline.tracking.answers import filled

    try:
        rows = filled(bundle, table)
    except UserError as error:
        raise UserError(str(error).replace("table", str(file), 1)) from None
    for channel in rows[0]:
        found = [f"{row[channel]:.6g}" for row in rows]
        empty = table[channel].str.strip().str.lower().isin(EMPTY)
        table[channel] = table[channel].mask(empty, found)
    table.to_csv(sys.stdout, index=False, lineterminator="\n")
