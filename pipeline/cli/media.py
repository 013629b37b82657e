"""Picture or sound files -> what a model says of them as a table, plain lines or JSON."""

import json as jsonlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline.cli.models import open_bundle
from pipeline.errors import UserError


def ask_captioner(files: list[Path], model: str | None, *, beam: int, n_best: int, json: bool) -> None:
    contents = _contents(files, "a picture file")
    bundle = open_bundle(model, "captioning")
    from pipeline.tracking.answers import captioned, read_picture

    pictures = _each(files, contents, lambda content, where: read_picture(bundle, content, where))
    answers = captioned(bundle, pictures, beam=beam, n_best=n_best)
    _print(files, answers, "picture", "caption", json=json)


def ask_transcriber(files: list[Path], model: str | None, *, beam: int, n_best: int, json: bool) -> None:
    contents = _contents(files, "a WAV file")
    bundle = open_bundle(model, "transcription")
    from pipeline.tracking.answers import read_sound, transcribed

    sounds = _each(files, contents, lambda content, where: read_sound(bundle, content, where))
    answers = transcribed(bundle, sounds, beam=beam, n_best=n_best)
    _print(files, answers, "sound", "transcript", json=json)


def _contents(files: list[Path], kind: str) -> list[bytes]:
    """
    Raises:
        UserError: there is no such file, or it can't be read.
    """
    try:
        return [path.read_bytes() for path in files]
    except OSError as error:
        raise UserError(f"{error.filename}: {error.strerror or error}; name {kind}") from None


def _each(files: list[Path], contents: list[bytes], read: Callable[[bytes, str], Any]) -> list[Any]:
    return [read(content, str(path)) for path, content in zip(files, contents, strict=True)]


def _print(files: list[Path], answers: list[dict[str, Any]], asked: str, said: str, *, json: bool) -> None:
    if json:
        for path, answer in zip(files, answers, strict=True):
            print(jsonlib.dumps({asked: str(path)} | answer, ensure_ascii=False))
        return
    rows = [
        (str(path), f"{one['score']:.4f}", one[said])
        for path, answer in zip(files, answers, strict=True)
        for one in answer["n_best"]
    ]
    console = Console(markup=False, emoji=False, highlight=False)
    if console.is_terminal:
        table = Table(asked, "score", said, box=None, header_style="dim", pad_edge=False)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    else:
        for row in rows:
            print("\t".join(row))
