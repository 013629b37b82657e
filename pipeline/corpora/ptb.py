"""Penn Treebank in Mikolov's preparation (2010): the Wall Street Journal as running text for language models.

Lower case, no marks, numbers as N, the 10,000 most frequent words and <unk>; one sentence a line.
"""

import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from pipeline.config.schema.corpora import PtbCorpus
from pipeline.corpora.canonical import Split, checked, text_schema
from pipeline.corpora.fetch import Fetcher
from pipeline.errors import UserError

NOTES = (
    "Lines are in running order, and models read on from one to the next. The vocabulary is closed: every "
    "word of validation and test occurs in training, and 5 % of all tokens are <unk>, predicted like a word.",
)
"""What to know before believing a number; the report shows it."""
LICENCE = (
    "no open licence: the text is the LDC's Treebank-3 (LDC99T42); these files are widely copied for research"
)
CITATION = (
    "Marcus et al. 1993, Building a Large Annotated Corpus of English, Computational Linguistics; "
    "Mikolov et al. 2010, Recurrent Neural Network Based Language Model, Interspeech"
)
ROWS = {"train": 42_068, "validation": 3_370, "test": 3_761}
MEMBERS = {
    "simple-examples/data/ptb.train.txt": "train",
    "simple-examples/data/ptb.valid.txt": "validation",
    "simple-examples/data/ptb.test.txt": "test",
}


def splits() -> list[Split]:
    return [Split(name, text_schema("text"), rows) for name, rows in ROWS.items()]


def tables(corpus: PtbCorpus, fetcher: Fetcher, scratch: Path) -> Iterator[tuple[Split, pa.Table]]:
    """The author's archive; blanks at both ends of a line go.

    Raises:
        UserError: no archive, other bytes, broken, a file or lines missing, empty or not UTF-8 (named).
    """
    remote, archive = corpus.upstream, scratch / "simple-examples.tgz"
    fetcher.get(remote.url, archive, sha256=remote.sha256, md5=remote.md5)
    try:
        texts = _texts(archive)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise UserError(f"{remote.url}: truncated or no tar.gz archive ({error})") from error
    for split in splits():
        where = f"{remote.url}, {split.name}"
        if split.name not in texts:
            raise UserError(f"{where}: the file is not in the archive; fetch it again")
        yield split, checked(pa.table([_lines(texts[split.name], where)], split.schema), split, where)


def _texts(archive: Path) -> dict[str, bytes]:
    found = {}
    with tarfile.open(archive, mode="r:gz") as members:
        for member in members:
            split, file = MEMBERS.get(member.name.removeprefix("./")), members.extractfile(member)
            if split and file:
                found[split] = file.read()
    return found


def _lines(text: bytes, where: str) -> list[str]:
    try:
        # Line feeds alone: Python would also break lines at other characters.
        return [line.strip() for line in text.decode().removesuffix("\n").split("\n")]
    except UnicodeDecodeError as error:
        raise UserError(f"{where}: not UTF-8 (byte {error.start}); fetch it again") from error
