"""UD English Web Treebank (Silveira et al. 2014): part-of-speech tags, with Universal NER's entities.

68 validation and 94 test sentences (mostly very short) are also in train; NOTES has the other traps.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from pipeline.config.schema.corpora import UdEwtCorpus
from pipeline.corpora.canonical import Split, checked
from pipeline.corpora.fetch import Fetcher
from pipeline.errors import UserError

NOTES = (
    "The training entities come from a pre-release of Universal NER, which differs in a few words in a "
    "thousand from the release that validation and test have.",
    "Universal NER annotates an older treebank, in which some twenty sentences are tokenised differently or "
    "cut otherwise; their entities are put onto today's words by where the characters stand.",
)
"""What to know before believing a number; the report shows it."""
LICENCE = "CC BY-SA 4.0 (treebank and entities)"
CITATION = (
    "Silveira et al. 2014, A Gold Standard Dependency Corpus for English, LREC; Mayhew et al. 2024, "
    "Universal NER: A Gold-Standard Multilingual Named Entity Recognition Benchmark, NAACL"
)
ROWS = {"train": 12_544, "validation": 2_001, "test": 2_077}
FILES = {"train": "train", "validation": "dev", "test": "test"}
"""Split -> its name upstream."""
UPOS = frozenset(
    [
        *["ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM"],
        *["PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X"],
    ]
)
KINDS = ("LOC", "ORG", "PER")
NER = frozenset({"O", *(f"{part}-{kind}" for part in "BI" for kind in KINDS)})

_LISTS = ("tokens", "upos", "ner")
SCHEMA = pa.schema([*((name, pa.list_(pa.string())) for name in _LISTS), ("sent_id", pa.string())])


class Format(NamedTuple):
    """A text format of one word a line, columns apart by tabs, the word in the second."""

    columns: range
    tag: int
    """Column of the tag, from 0."""
    tags: frozenset[str]


CONLLU = Format(range(10, 11), 3, UPOS)
IOB2 = Format(range(3, 6), 2, NER | {f"{part}-{kind}" for part in "BI" for kind in ("OTH", "O")})
"""The pre-release ends its lines at the tag, the release does not. Its OTH and O aren't entities here."""


class Sentence(NamedTuple):
    sent_id: str
    line: int
    """Of its first word."""
    words: list[str]
    tags: list[str]

    @property
    def characters(self) -> str:
        return _joined(self.words)


def splits() -> list[Split]:
    values = {"upos": UPOS, "ner": NER}
    return [Split(name, SCHEMA, rows, values, parallel=_LISTS) for name, rows in ROWS.items()]


def tables(corpus: UdEwtCorpus, fetcher: Fetcher, scratch: Path) -> Iterator[tuple[Split, pa.Table]]:
    """The treebank's files, multiword tokens as their words and without empty nodes, and the entities' files.

    Raises:
        UserError: names the file (and line) that is missing, broken, not UTF-8, without sent_id, or whose
            sentence has no counterpart among the entities.
    """
    revisions: dict[str, str] = {split: revision for split, revision in corpus.revisions.items()}
    if missing := [name for name in ROWS if name not in revisions]:
        raise UserError(f"revisions: lacks {', '.join(missing)}; name a revision of the entities per split")
    for split in splits():
        stem = f"en_ewt-ud-{FILES[split.name]}"
        url = f"{corpus.upstream.rstrip('/')}/{stem}.conllu"
        sentences = _sentences(url, CONLLU, fetcher, scratch)
        entities_url = f"{corpus.entities.rstrip('/')}/raw/{revisions[split.name]}/{stem}.iob2"
        entities = _Entities(_sentences(entities_url, IOB2, fetcher, scratch), entities_url)
        columns = {
            "tokens": [sentence.words for sentence in sentences],
            "upos": [sentence.tags for sentence in sentences],
            "ner": [entities.tags(sentence, url) for sentence in sentences],
            "sent_id": [sentence.sent_id for sentence in sentences],
        }
        yield split, checked(pa.table(columns, SCHEMA), split, url)


# ----------------------------------------------------------------------------------------- reading


def _sentences(url: str, layout: Format, fetcher: Fetcher, scratch: Path) -> list[Sentence]:
    path = scratch / "sentences.txt"
    fetcher.get(url, path)
    sentences: list[Sentence] = []
    words: list[str] = []
    tags: list[str] = []
    sent_id, first = "", 0
    # An empty line ends a sentence, the file's end does so too.
    for number, content in enumerate([*path.read_bytes().split(b"\n"), b""], 1):
        where = f"{url}, line {number}"
        try:
            line = content.decode()
        except UnicodeDecodeError as error:
            raise UserError(f"{where}: not UTF-8 (byte {error.start}); fetch it again") from error
        if line.startswith("#"):
            if match := re.fullmatch(r"#\s*sent_id\s*=\s*(\S+)\s*", line):
                sent_id = match[1]
        elif line:
            if not (word := _word(line, layout, where)):
                continue
            first = first if words else number
            words.append(word[0])
            tags.append(word[1])
        elif words:
            if not sent_id:
                raise UserError(f"{url}, line {first}: sentence without sent_id; fetch it again")
            sentences.append(Sentence(sent_id, first, words, tags))
            sent_id, words, tags = "", [], []
    return sentences


def _word(line: str, layout: Format, where: str) -> tuple[str, str] | None:
    """Word and tag; None for what is no word: a multiword token (1-2) or an empty node (8.1)."""
    cells = line.split("\t")
    if len(cells) not in layout.columns:
        needs = " to ".join(str(end) for end in sorted({layout.columns[0], layout.columns[-1]}))
        raise UserError(f"{where}: has {len(cells)} columns, needs {needs} (tabs between); fetch it again")
    index, word, tag = cells[0], cells[1], cells[layout.tag]
    if re.fullmatch(r"\d+[-.]\d+", index):
        return None
    if not index.isdecimal():
        raise UserError(f"{where}: {index!r} is no word's number; needs 1, 1-2 or 1.1; fetch it again")
    if not word.strip():
        raise UserError(f"{where}: word {index} is empty; fetch it again")
    if tag not in layout.tags:
        allowed = ", ".join(sorted(layout.tags))
        raise UserError(f"{where}: tag {tag!r} is not one of {allowed}; fetch it again")
    return word, tag


# ---------------------------------------------------------------------------------------- entities


def _joined(words: list[str]) -> str:
    return "".join("".join(words).split())


class _Entities:
    """The entities of one file, by the characters of its running text without blanks."""

    def __init__(self, sentences: list[Sentence], url: str) -> None:
        self._url, self._end = url, 0
        self._spans: list[int] = []
        """Character -> number of its entity, 0 outside of any."""
        self._kinds = [""]
        """Number of an entity -> its kind."""
        self._by_id: dict[str, tuple[int, Sentence]] = {}
        """sent_id -> where the sentence starts, sentence."""
        self._by_characters: dict[str, int] = {}
        for sentence in sentences:
            self._by_id.setdefault(sentence.sent_id, (len(self._spans), sentence))
            self._by_characters.setdefault(sentence.characters, len(self._spans))
            self._add(sentence)
        self._text = "".join(sentence.characters for sentence in sentences)

    def _add(self, sentence: Sentence) -> None:
        kind = ""
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            before, kind = kind, tag[2:] if tag[2:] in KINDS else ""
            # An I- that continues nothing starts an entity.
            if kind and (tag.startswith("B") or kind != before):
                self._kinds.append(kind)
            self._spans += [len(self._kinds) - 1 if kind else 0] * len(_joined([word]))

    def tags(self, sentence: Sentence, url: str) -> list[str]:
        """The sentence's entity tags, one a word of its own.

        Raises:
            UserError: no sentence of the entities' file fits it.
        """
        characters = sentence.characters
        start, same = self._by_id.get(sentence.sent_id, (0, None))
        if same is None or same.characters != characters:
            # Running on from the last one, if the older treebank cut the text elsewhere.
            if self._text.startswith(characters, self._end):
                start = self._end
            elif characters in self._by_characters:
                start = self._by_characters[characters]
            elif same is not None and len(same.words) == len(sentence.words):
                self._end = start + len(same.characters)  # words were mended, not cut otherwise
                return self._by_words(same.words, start)
            else:
                fault = f"is missing in {self._url}"
                if same is not None:
                    other = f"{self._url}, line {same.line} ({len(same.words)} words)"
                    fault = f"({len(sentence.words)} words) can't be aligned with {other}"
                where = f"{url}, line {sentence.line}: {sentence.sent_id}"
                raise UserError(f"{where} {fault}; take releases that belong together")
        self._end = start + len(characters)
        return self._by_words(sentence.words, start)

    def _by_words(self, words: list[str], start: int) -> list[str]:
        tags: list[str] = []
        before = 0
        for word in words:
            end = start + len(_joined([word]))
            span = next((span for span in self._spans[start:end] if span), 0)
            part = "I" if span == before else "B"
            tags.append(f"{part}-{self._kinds[span]}" if span else "O")
            start, before = end, span
        return tags
