"""A series from a CSV file -> a model's forecast as a table, plain lines or JSON."""

import json as jsonlib
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from pipeline.cli.models import open_bundle
from pipeline.errors import UserError


def ask_forecaster(history: Path, model: str | None, *, steps: int | None, json: bool) -> None:
    table = read_history(history)
    bundle = open_bundle(model, "forecasting")
    from pipeline.tracking.answers import forecasted

    try:
        rows = forecasted(bundle, table, steps=steps)
    except UserError as error:
        raise UserError(str(error).replace("history", str(history), 1)) from None
    console = Console(markup=False, emoji=False, highlight=False)
    columns = list(rows[0])
    if json:
        for row in rows:
            print(jsonlib.dumps(row, ensure_ascii=False))
    elif console.is_terminal:
        shown = Table(*columns, box=None, header_style="dim", pad_edge=False)
        for row in rows:
            shown.add_row(*_cells(row))
        console.print(shown)
    else:
        print("\t".join(columns))
        for row in rows:
            print("\t".join(_cells(row)))


def _cells(row: dict[str, float]) -> list[str]:
    return [f"{value:.6g}" for value in row.values()]


def read_history(path: Path, *, as_written: bool = False) -> pd.DataFrame:
    """A CSV file; with `as_written` every cell is text, as it stands there.

    Raises:
        UserError: there is no such file, or it is no CSV.
    """
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False) if as_written else pd.read_csv(path)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; name a CSV file with a column per channel") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, OSError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise UserError(f"{path}: not CSV ({reason}); name a CSV file with a column per channel") from None
