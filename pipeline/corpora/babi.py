"""bAbI tasks 1.2 (Weston et al. 2015): stories of a small world, and questions of twenty kinds about them."""

import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.config.schema.corpora import BabiCorpus
from pipeline.corpora import canonical
from pipeline.corpora.canonical import Split, checked
from pipeline.corpora.fetch import Fetcher
from pipeline.corpora.stories import SCHEMA
from pipeline.errors import UserError

NOTES = (
    "The set of 1,000 questions per task (folder en). A story has up to five questions and grows from one to "
    "the next, so that rows of one story belong in one split.",
    "The data repeat: 280 training questions (135 of task 4, 121 of task 20, 20 of task 17) stand in the "
    "test split with the same story; datasets leave them out of training.",
    "Answers are one word, but for lists in task 8 and directions in task 19: commas part their words.",
)
"""What to know before believing a number; the report shows it."""
LICENCE = "CC BY 3.0"
CITATION = (
    "Weston et al. 2015, Towards AI-Complete Question Answering: A Set of Prerequisite Toy Tasks, "
    "arXiv:1502.05698"
)
ROWS = {"train": 20_000, "test": 20_000}
FOLDER = "tasks_1-20_v1-2/en"
TYPES = (
    "single supporting fact",
    "two supporting facts",
    "three supporting facts",
    "two arg relations",
    "three arg relations",
    "yes no questions",
    "counting",
    "lists sets",
    "simple negation",
    "indefinite knowledge",
    "basic coreference",
    "conjunction",
    "compound coreference",
    "time reasoning",
    "basic deduction",
    "basic induction",
    "positional reasoning",
    "size reasoning",
    "path finding",
    "agents motivations",
)
"""Of tasks 1, 2, …, as the names of their files say."""
LINE = re.compile(r"(\d+) ([^\t]*)(?:\t([^\t]*)\t([\d ]*))?")
"""Number, statement or question; of a question its answer and the numbers of what supports it."""


def splits() -> list[Split]:
    return [Split(name, SCHEMA, rows) for name, rows in ROWS.items()]


def tables(corpus: BabiCorpus, fetcher: Fetcher, scratch: Path) -> Iterator[tuple[Split, pa.Table]]:
    """The archive's files, a task each.

    Raises:
        UserError: names the archive, or the file and line in it, that is missing, broken or not UTF-8.
    """
    url, path = corpus.upstream.url, scratch / "babi.tar.gz"
    fetcher.get(url, path, sha256=corpus.upstream.sha256, md5=corpus.upstream.md5)
    try:
        with tarfile.open(path, "r:gz") as archive:
            contents = {member.name: _content(archive, member) for member in archive if _is_wanted(member)}
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise UserError(f"{url}: truncated or no tar.gz archive ({error}); fetch it again") from error
    for split in splits():
        rows: list[dict[str, Any]] = []
        for task, kind in enumerate(TYPES, 1):
            name = f"{FOLDER}/qa{task}_{kind.replace(' ', '-')}_{split.name}.txt"
            if name not in contents:
                raise UserError(f"{url}: holds no {name}; fetch it again")
            rows += _questions(contents[name], task, f"{url}, {name}")
        yield split, checked(pa.Table.from_pylist(rows, SCHEMA), split, f"{url}, {split.name}")


def read(path: Path, where: str) -> pa.Table:
    """A mirror's file, which leaves out the names of the tasks."""
    table = canonical.read(path, where)
    if "task" not in table.column_names:
        return table  # its columns are going to be checked
    numbers = table["task"].to_pylist()
    names = [TYPES[number - 1] if number in range(1, len(TYPES) + 1) else None for number in numbers]
    return table.add_column(table.column_names.index("task") + 1, "type", pa.array(names, pa.string()))


def _is_wanted(member: tarfile.TarInfo) -> bool:
    return member.isfile() and member.name.startswith(f"{FOLDER}/")


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    return file.read()


def _questions(content: bytes, task: int, where: str) -> Iterator[dict[str, Any]]:
    """A row per question. Lines are numbered from 1 in each story; what supports an answer is named so."""
    story_id, story = -1, dict[int, str]()
    for place, line in enumerate(content.split(b"\n"), 1):
        if not line:
            continue
        try:
            match = LINE.fullmatch(line.decode().strip("\r"))
        except UnicodeDecodeError as error:
            raise UserError(f"{where}, line {place}: not UTF-8 (byte {error.start})") from error
        if not match:
            raise UserError(f"{where}, line {place}: is no numbered statement or question; fetch it again")
        number, text, answer, supporting = int(match[1]), match[2].strip(), match[3], match[4]
        if number == 1:
            story_id, story = story_id + 1, {}
        if answer is None:
            story[number] = text
            continue
        places = {line: statement for statement, line in enumerate(story)}
        try:
            named = [places[int(line)] for line in supporting.split()]
        except KeyError as error:
            raise UserError(
                f"{where}, line {place}: names {error}, which is no statement before it"
            ) from None
        yield {
            "task": task,
            "type": TYPES[task - 1],
            "story_id": story_id,
            "story": list(story.values()),
            "question": text,
            "answer": answer,
            "supporting": named,
        }
