"""Texts from arguments or standard input -> a model's answers as a table, plain lines or JSON."""

import json as jsonlib
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from pipeline.cli.models import open_bundle

if TYPE_CHECKING:
    from pipeline.bundle.load import Bundle

CHUNK = 512
"""Lines of a pipe that are answered at a time: they fill batches, and memory stays flat."""

Answer = dict[str, Any]
Lines = Callable[[str, Answer], list[tuple[str, ...]]]
"""Text and its answer -> rows of columns, for a table or for tab-separated lines."""


def ask_classifier(texts: list[str] | None, model: str | None, *, json: bool) -> None:
    bundle = open_bundle(model, "classification")
    from pipeline.tracking.answers import classified

    def rows(text: str, answer: Answer) -> list[tuple[str, ...]]:
        return [(answer["label"], f"{answer['probability']:.4f}", " ".join(text.split()))]

    _ask(bundle, texts, classified, rows, ("label", "probability", "text"), json=json)


def ask_translator(texts: list[str] | None, model: str | None, *, beam: int, n_best: int, json: bool) -> None:
    _ask_search("translation", "translation", texts, model, beam=beam, n_best=n_best, json=json)


def ask_answerer(texts: list[str] | None, model: str | None, *, beam: int, n_best: int, json: bool) -> None:
    _ask_search("transduction", "answer", texts, model, beam=beam, n_best=n_best, json=json)


def _ask_search(
    task: str, name: str, texts: list[str] | None, model: str | None, *, beam: int, n_best: int, json: bool
) -> None:
    """Asks a model that searches for a text, which its answer has under `name`."""
    bundle = open_bundle(model, task)
    from pipeline.tracking.answers import ANSWERS

    def answer_all(bundle: "Bundle", texts: list[str]) -> list[Answer]:
        return ANSWERS[task](bundle, texts, beam=beam, n_best=n_best)

    def rows(text: str, answer: Answer) -> list[tuple[str, ...]]:
        if n_best == 1:
            return [(answer[name],)]
        return [(f"{one['score']:.4f}", one[name]) for one in answer["n_best"]]

    columns = (name,) if n_best == 1 else ("score", name)
    _ask(bundle, texts, answer_all, rows, columns, json=json)


def ask_tagger(texts: list[str] | None, model: str | None, *, json: bool) -> None:
    """Token and tag per line, an empty line behind each sentence (the form of CoNLL's shared tasks)."""
    bundle = open_bundle(model, "tagging")
    from pipeline.tracking.answers import tagged

    def rows(text: str, answer: Answer) -> list[tuple[str, ...]]:
        return [*zip(answer["tokens"], answer["tags"], strict=True), ("",)]

    _ask(bundle, texts, tagged, rows, ("word", "tag"), json=json)


def ask_recaller(texts: list[str] | None, model: str | None, *, json: bool) -> None:
    bundle = open_bundle(model, "algorithmic")
    from pipeline.tracking.answers import solved

    def rows(text: str, answer: Answer) -> list[tuple[str, ...]]:
        return [(" ".join(answer["answers"]), " ".join(text.split()))]

    _ask(bundle, texts, solved, rows, ("answers", "steps"), json=json)


def ask_rater(texts: list[str] | None, model: str | None, *, json: bool) -> None:
    bundle = open_bundle(model, "rating")
    from pipeline.tracking.answers import rated

    def rows(text: str, answer: Answer) -> list[tuple[str, ...]]:
        return [(f"{answer['stars']:.1f}", " ".join(text.split()))]

    _ask(bundle, texts, rated, rows, ("stars", "text"), json=json)


def ask_language_model(
    texts: list[str] | None,
    model: str | None,
    *,
    words: int,
    n_best: int,
    temperature: float,
    seed: int,
    json: bool,
) -> None:
    bundle = open_bundle(model, "language_modelling")
    from pipeline.tracking.answers import continued

    def answer_all(bundle: "Bundle", texts: list[str]) -> list[Answer]:
        return continued(bundle, texts, words=words, n_best=n_best, temperature=temperature, seed=seed)

    def rows(text: str, answer: Answer) -> list[tuple[str, ...]]:
        return [(f"{one['score']:.2f}", f"{text} {one['continuation']}".strip()) for one in answer["n_best"]]

    _ask(bundle, texts, answer_all, rows, ("score", "text"), json=json)


def _ask(
    bundle: "Bundle",
    texts: list[str] | None,
    answer_all: Callable[["Bundle", list[str]], list[Answer]],
    rows: Lines,
    columns: tuple[str, ...],
    *,
    json: bool,
) -> None:
    console = Console(markup=False, emoji=False, highlight=False)
    for chunk in [texts] if texts else _chunks():
        answers = list(zip(chunk, answer_all(bundle, chunk), strict=True))
        if json:
            for text, answer in answers:
                print(jsonlib.dumps({"text": text} | answer, ensure_ascii=False))
        elif console.is_terminal:
            console.print(_table(columns, [row for text, answer in answers for row in rows(text, answer)]))
        else:
            for text, answer in answers:
                print("\n".join("\t".join(row) for row in rows(text, answer)))
        sys.stdout.flush()


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    table = Table(*columns, box=None, header_style="dim", pad_edge=False)
    for row in rows:
        table.add_row(*row)
    return table


def _chunks() -> Iterator[list[str]]:
    """Lines of standard input; one at a time from a keyboard. What is not UTF-8 becomes U+FFFD."""
    keyboard = sys.stdin.isatty()
    if keyboard:
        print("one text per line; Ctrl-D ends", file=sys.stderr)
    lines = (line.decode("utf-8", errors="replace").rstrip("\r\n") for line in sys.stdin.buffer)
    while chunk := list(islice(lines, 1 if keyboard else CHUNK)):
        yield chunk
