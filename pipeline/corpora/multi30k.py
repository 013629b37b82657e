"""Multi30k (Elliott et al. 2016, 2017; Barrault et al. 2018): image captions in four languages.

Task 1 has translations of one caption per image, task 2 ("multiref") five captions per image, written
independently in English and German.
"""

import gzip
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pyarrow as pa

from pipeline.config.schema.corpora import Multi30kCorpus
from pipeline.corpora.canonical import Split, checked, text_schema
from pipeline.corpora.fetch import Fetcher
from pipeline.errors import UserError

NOTES: tuple[str, ...] = ()
LICENCE = "no licence file upstream; partly derived from Flickr30k: non-commercial research and education"
CITATION = (
    "Elliott et al. 2016, Multi30K: Multilingual English-German Image Descriptions, VL; Elliott et al. 2017, "
    "Findings of the Second Shared Task on Multimodal Machine Translation, WMT; Barrault et al. 2018, "
    "Findings of the Third Shared Task, WMT"
)
ROWS = {"train": 29_000, "validation": 1_014, "test2016": 1_000, "test2017": 1_000}
REFERENCES = 5

TASK1 = {
    "train": ("train", ("en", "de", "fr", "cs")),
    "validation": ("val", ("en", "de", "fr", "cs")),
    "test2016": ("test_2016_flickr", ("en", "de", "fr", "cs")),
    "test2017": ("test_2017_flickr", ("en", "de", "fr")),
}
"""Split -> stem of the files, languages."""
TASK2 = {"multiref_train": "train", "multiref_validation": "val", "multiref_test2016": "test_2016"}


def splits() -> list[Split]:
    lists = pa.schema([("en", pa.list_(pa.string())), ("de", pa.list_(pa.string()))])
    return [
        *(Split(name, text_schema(*languages), ROWS[name]) for name, (_, languages) in TASK1.items()),
        *(Split(name, lists, ROWS[name.removeprefix("multiref_")], items=REFERENCES) for name in TASK2),
    ]


def tables(corpus: Multi30kCorpus, fetcher: Fetcher, scratch: Path) -> Iterator[tuple[Split, pa.Table]]:
    """The repository's compressed text files, one line an item, outer white space stripped.

    Raises:
        UserError: names the file (and line) that is missing, broken, empty, not UTF-8 or of another length.
    """
    base = corpus.upstream.rstrip("/")
    for split in splits():
        if split.name in TASK2:
            stem = f"{base}/data/task2/raw/{TASK2[split.name]}"
            files = [
                [f"{stem}.{number}.{language}.gz" for number in range(1, REFERENCES + 1)]
                for language in split.schema.names
            ]
        else:
            stem = f"{base}/data/task1/raw/{TASK1[split.name][0]}"
            files = [[f"{stem}.{language}.gz"] for language in split.schema.names]
        columns = [[_lines(url, fetcher, scratch) for url in urls] for urls in files]
        first = len(columns[0][0])
        for url, lines in zip(chain(*files), chain(*columns), strict=True):
            if len(lines) != first:
                raise UserError(f"{url}: has {len(lines):,} lines, needs {first:,} as {files[0][0]}")
        cells = [
            [list(row) for row in zip(*parts, strict=True)] if split.items else parts[0] for parts in columns
        ]
        table = pa.table(dict(zip(split.schema.names, cells, strict=True)), split.schema)
        yield split, checked(table, split, f"{stem}.*")


def _lines(url: str, fetcher: Fetcher, scratch: Path) -> list[str]:
    path = scratch / "lines.gz"
    fetcher.get(url, path)
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{url}: truncated or not gzip ({error}); fetch it again") from error
    lines = []
    # At line feeds only: str.splitlines would also cut at rarer separators inside a caption.
    for number, line in enumerate(content.removesuffix(b"\n").split(b"\n"), 1):
        try:
            lines.append(line.decode().strip())
        except UnicodeDecodeError as error:
            raise UserError(f"{url}, line {number}: not UTF-8 (byte {error.start})") from error
        if not lines[-1]:
            raise UserError(f"{url}, line {number}: is empty; fetch it again")
    return lines
