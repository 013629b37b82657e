"""Picture files -> a model's captions as a table, plain lines or JSON."""

import json as jsonlib
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipeline.cli.models import open_bundle
from pipeline.errors import UserError


def ask_captioner(files: list[Path], model: str | None, *, beam: int, n_best: int, json: bool) -> None:
    contents = [_content(path) for path in files]
    bundle = open_bundle(model, "captioning")
    from pipeline.tracking.answers import captioned, read_picture

    pictures = [
        read_picture(bundle, content, str(path)) for path, content in zip(files, contents, strict=True)
    ]
    answers = captioned(bundle, pictures, beam=beam, n_best=n_best)
    if json:
        for path, answer in zip(files, answers, strict=True):
            print(jsonlib.dumps({"picture": str(path)} | answer, ensure_ascii=False))
        return
    rows = [
        (str(path), f"{one['score']:.4f}", one["caption"])
        for path, answer in zip(files, answers, strict=True)
        for one in answer["n_best"]
    ]
    console = Console(markup=False, emoji=False, highlight=False)
    if console.is_terminal:
        table = Table("picture", "score", "caption", box=None, header_style="dim", pad_edge=False)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    else:
        for row in rows:
            print("\t".join(row))


def _content(path: Path) -> bytes:
    """
    Raises:
        UserError: there is no such file, or it can't be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}; name a picture file") from None
