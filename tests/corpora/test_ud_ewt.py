"""UD English EWT from a mirror and from files in the publishers' layouts, all written for these tests."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.corpora import UdEwtCorpus
from pipeline.corpora import download, ud_ewt
from pipeline.errors import UserError

UD = "/treebank/en_ewt-ud-{}.conllu"
ENTITIES = "/entities/raw/{}.iob2"
REVISIONS = {"train": "early", "validation": "late", "test": "late"}


def _row(sent_id: str, *words: str) -> dict[str, Any]:
    """From "word/UPOS" or "word/UPOS/entity"."""
    cells = [[*word.split("/"), "O"][:3] for word in words]
    tokens, upos, ner = (list(column) for column in zip(*cells, strict=True))
    return {"tokens": tokens, "upos": upos, "ner": ner, "sent_id": sent_id}


ROWS = {
    "train": [
        _row("a-1", "Zoë/PROPN/B-PER", "Quill/PROPN/I-PER", "does/AUX", "n't/PART", "sail/VERB", "./PUNCT"),
        # The older tokenisation has "Old-Quay", "Inc." and "atlast" as other words than today's.
        _row("a-2", "Old/ADJ/B-LOC", "-/PUNCT/I-LOC", "Quay/PROPN/I-LOC", "Inc./NOUN", "atlast/ADV"),
        # The older treebank has these two in one sentence, whose entity the cut goes through.
        _row("a-3", "Ahoy/INTJ", "Fig/PROPN/B-ORG", "&/CCONJ/I-ORG"),
        _row("a-4", "Sons/PROPN/B-ORG", "ahoy/INTJ"),
        # Its id was another one.
        _row("b-1", "Greek/ADJ", "tar/NOUN", "of/ADP", "Lagos/PROPN/B-LOC", "Ann/PROPN/B-PER"),
        # One word was mended.
        _row("b-2", "Their/PRON", "boat/NOUN", "Ann/PROPN/B-ORG"),
        _row("b-3", "#/SYM", "1/NUM"),
    ],
    "validation": [_row("c-1", "Yes/INTJ", "Ida/PROPN/B-PER")],
    "test": [_row("d-1", "No/INTJ"), _row("d-2", "Ida/PROPN/B-LOC", "sank/VERB")],
}


def _conllu(*sentences: str) -> bytes:
    """Lines of index, word, UPOS under their comments, widened to ten columns."""
    lines = []
    for line in "\n\n".join(sentences).split("\n"):
        cells = line.split("|")
        if len(cells) == 3:
            index, word, upos = cells
            line = "\t".join([index, word, "_", upos, *"______"])
        lines.append(line)
    return ("\n".join(lines) + "\n\n").encode()


def _iob2(*sentences: str, release: bool = True) -> bytes:
    """Lines of index, word, tag; the release adds two columns, the pre-release only to entities."""
    lines = []
    for line in "\n\n".join(sentences).split("\n"):
        if line.count("|") == 2:
            line = line.replace("|", "\t")
            if release or not line.endswith("\tO"):
                line += "\t-\tsomeone" if release else "\t-\t-"
        lines.append(line)
    return ("\n".join(lines) + "\n").encode()


FILES = {
    UD.format("train"): _conllu(
        "# newdoc id = a\n# sent_id = a-1\n# text = Zoë Quill doesn't sail.\n"
        "1|Zoë|PROPN\n2|Quill|PROPN\n3-4|doesn't|_\n3|does|AUX\n4|n't|PART\n5|sail|VERB\n5.1|on|VERB\n6|.|PUNCT",
        "# sent_id = a-2\n1|Old|ADJ\n2|-|PUNCT\n3|Quay|PROPN\n4|Inc.|NOUN\n5|atlast|ADV",
        "# sent_id = a-3\n1|Ahoy|INTJ\n2|Fig|PROPN\n3|&|CCONJ",
        "# sent_id = a-4\n1|Sons|PROPN\n2|ahoy|INTJ",
        "# newdoc id = b\n# sent_id = b-1\n1|Greek|ADJ\n2|tar|NOUN\n3|of|ADP\n4|Lagos|PROPN\n5|Ann|PROPN",
        "# sent_id = b-2\n1|Their|PRON\n2|boat|NOUN\n3|Ann|PROPN",
        "# sent_id = b-3\n1|#|SYM\n2|1|NUM",
    ),
    UD.format("dev"): _conllu("# sent_id = c-1\n1|Yes|INTJ\n2|Ida|PROPN"),
    UD.format("test"): _conllu("# sent_id = d-1\n1|No|INTJ", "# sent_id = d-2\n1|Ida|PROPN\n2|sank|VERB"),
    # Another order of documents, and tags that the release took out: OTH and O as kinds of entity.
    ENTITIES.format("early/en_ewt-ud-train"): _iob2(
        "# sent_id = old-1\n1|Greek|B-OTH\n2|tar|I-OTH\n3|of|B-O\n4|Lagos|B-LOC\n5|Ann|I-PER",
        "# sent_id = b-2\n# text = There boat Ann\n1|There|O\n2|boat|O\n3|Ann|B-ORG",
        "# sent_id = b-3\n1|#|O\n2|1|O",
        "# newdoc id = a\n# sent_id = a-1\n"
        "1|Zoë|B-PER\n2|Quill|I-PER\n3-4|doesn't|_\n3|does|O\n4|n't|O\n5|sail|O\n6|.|O",
        "# sent_id = a-2\n1|Old-Quay|B-LOC\n2|Inc|O\n3|.|O\n4|at|O\n5|last|O",
        "# sent_id = a-3\n1|Ahoy|O\n2|Fig|B-ORG\n3|&|I-ORG\n4|Sons|I-ORG\n5|ahoy|O",
        release=False,
    ),
    ENTITIES.format("late/en_ewt-ud-dev"): _iob2("# sent_id = c-1\n1|Yes|O\n2|Ida|B-PER"),
    ENTITIES.format("late/en_ewt-ud-test"): _iob2(
        "# sent_id = d-1\n1|No|O", "# sent_id = d-2\n1|Ida|B-LOC\n2|sank|O"
    ),
}


def _corpus(url: str, **settings: Any) -> UdEwtCorpus:
    settings = {
        "sources": ["upstream"],
        "retries": 0,
        "timeout_seconds": 5.0,
        "upstream": f"{url}/treebank/",
        "entities": f"{url}/entities",
        "revisions": REVISIONS,
    } | settings
    return UdEwtCorpus.model_validate({"reader": "ud_ewt"} | settings)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ud_ewt, "ROWS", {split: len(rows) for split, rows in ROWS.items()})


@pytest.fixture
def served(server: Any) -> Any:
    server.files |= FILES
    return server


def _tags(server: Any, words: str, older: str, folder: Path) -> list[str]:
    """Entity tags of a validation sentence, its words by blanks; `older` is "word/tag" by blanks."""
    lines = [f"{place}|{word}|X" for place, word in enumerate(words.split(), 1)]
    server.files[UD.format("dev")] = _conllu("\n".join(["# sent_id = c-1", *lines]))
    lines = [f"{place}|{word.replace('/', '|')}" for place, word in enumerate(older.split(), 1)]
    server.files[ENTITIES.format("late/en_ewt-ud-dev")] = _iob2("\n".join(["# sent_id = c-1", *lines]))
    download("tags", _corpus(server.url), folder)
    tags: list[str] = pq.read_table(folder / "validation.parquet")["ner"].to_pylist()[0]
    return tags


# ---------------------------------------------------------------------------------------- contract


@pytest.mark.parametrize("transport", ["upstream", "mirror"])
def test_the_same_from_everywhere(transport: str, served: Any, write_mirror: Any, tmp_path: Path) -> None:
    mirror = str(write_mirror(tmp_path / "mirror", "ud_ewt", ROWS)) if transport == "mirror" else None
    corpus = _corpus(served.url, sources=["mirror", "upstream"], mirror=mirror)
    provenance = download("words", corpus, tmp_path / "out")
    tables = {split: pq.read_table(tmp_path / "out" / f"{split}.parquet") for split in ROWS}
    assert {split: table.to_pylist() for split, table in tables.items()} == ROWS
    assert provenance["source"] == transport
    assert provenance["reader"] == "ud_ewt"
    assert provenance["place"] == ("mirror" if transport == "mirror" else f"{served.url}/treebank/")
    assert provenance["licence"].startswith("CC BY-SA 4.0")
    assert "pre-release" in provenance["notes"][0]
    upstream = download("words", _corpus(served.url), tmp_path / "again")
    assert provenance["splits"] == upstream["splits"]
    for path in (tmp_path / "out").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


@pytest.mark.parametrize(
    ("words", "older", "expected"),
    [
        ("New Cork", "New/B-LOC Cork/I-LOC", "B-LOC I-LOC"),
        ("NewCork x", "New/B-LOC Cork/I-LOC x/O", "B-LOC O"),
        ("Ne w Cor k x", "New/B-LOC Cork/I-LOC x/O", "B-LOC I-LOC I-LOC I-LOC O"),
        ("New CorkSun", "New/B-LOC Cork/I-LOC Sun/B-ORG", "B-LOC I-LOC"),
        ("New CorkSun Co", "New/B-LOC Cork/I-LOC Sun/B-ORG Co/I-ORG", "B-LOC I-LOC B-ORG"),
        ("AnnBob", "Ann/B-PER Bob/B-PER", "B-PER"),
        ("xAnn y", "x/O Ann/B-PER y/O", "B-PER O"),
        ("An nB ob", "Ann/B-PER Bob/B-PER", "B-PER I-PER B-PER"),
        ("Ann Bob", "Ann/B-OTH Bob/I-OTH", "O O"),
        ("Ann Bob", "Ann/I-PER Bob/I-LOC", "B-PER B-LOC"),
        ("Ann Bob", "Ann/B-OTH Bob/I-PER", "O B-PER"),
        ("Ann Bob", "An/B-PER Rob/B-LOC", "B-PER B-LOC"),
    ],
)
def test_entities_go_where_their_characters_are(
    words: str, older: str, expected: str, served: Any, tmp_path: Path
) -> None:
    assert " ".join(_tags(served, words, older, tmp_path / "out")) == expected


def test_a_sentence_is_known_by_its_id_before_its_text(served: Any, tmp_path: Path) -> None:
    """Of two with the same words, each keeps its own entities."""
    served.files[UD.format("test")] = _conllu("# sent_id = d-1\n1|Ida|X", "# sent_id = d-2\n1|Ida|X")
    older = _iob2("# sent_id = d-2\n1|Ida|B-PER", "# sent_id = d-1\n1|Ida|O")
    served.files[ENTITIES.format("late/en_ewt-ud-test")] = older
    download("words", _corpus(served.url), tmp_path / "out")
    assert pq.read_table(tmp_path / "out/test.parquet")["ner"].to_pylist() == [["O"], ["B-PER"]]


# -------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (UD.format("dev"), b"2\tIda", b"2\tId\xe4", r"ud-dev.conllu, line 3: not UTF-8 \(byte 4\); fetch"),
        (UD.format("dev"), b"_\n2", b"_\t_\n2", r"dev.conllu, line 2: has 11 columns, needs 10 \(tabs"),
        (UD.format("dev"), b"# sent_id = c-1\n", b"", "dev.conllu, line 1: sentence without sent_id"),
        (UD.format("test"), b"# sent_id = d-2\n", b"", "test.conllu, line 4: sentence without sent_id"),
        (UD.format("dev"), b"2\tIda", b"two\tIda", "dev.conllu, line 3: 'two' is no word's number; needs 1"),
        (UD.format("dev"), b"2\tIda", b"2\t ", "dev.conllu, line 3: word 2 is empty"),
        (UD.format("dev"), b"INTJ", b"UH", "dev.conllu, line 2: tag 'UH' is not one of ADJ, ADP, .*, X; f"),
        (
            UD.format("dev"),
            b"PROPN\t_\t_\t_\t_\t_\t_\n\n",
            b"PRO",
            "dev.conllu, line 3: has 4 columns, needs 10",
        ),
        (
            ENTITIES.format("late/en_ewt-ud-dev"),
            b"\tO\t-\t",
            b" O ",
            r"dev.iob2, line 2: has 2 columns, needs 3 to 5 \(",
        ),
        (
            ENTITIES.format("late/en_ewt-ud-dev"),
            b"B-PER",
            b"PER",
            "dev.iob2, line 3: tag 'PER' is not one of B-LOC, .*, O;",
        ),
        (ENTITIES.format("late/en_ewt-ud-dev"), b"Ida", b"Id\xff", r"dev.iob2, line 3: not UTF-8 \(byte 4\)"),
        (
            ENTITIES.format("late/en_ewt-ud-dev"),
            b"# sent_id = c-1\n",
            b"",
            "dev.iob2, line 1: sentence without sent_id",
        ),
    ],
)
def test_broken_files_are_named_with_their_line(
    path: str, old: bytes, new: bytes, message: str, served: Any, tmp_path: Path
) -> None:
    assert served.files[path].count(old) == 1
    served.files[path] = served.files[path].replace(old, new)
    with pytest.raises(UserError, match=message) as caught:
        download("words", _corpus(served.url), tmp_path / "out")
    assert str(caught.value).count("\n") == 0
    assert list(tmp_path.iterdir()) == []


def test_sentences_that_cannot_be_aligned(served: Any, tmp_path: Path) -> None:
    served.files[ENTITIES.format("late/en_ewt-ud-dev")] = _iob2(
        "# text = x\n# sent_id = c-1\n1|No|O\n2|Ida|B-PER\n3|!|O"
    )
    message = (
        r"dev.conllu, line 2: c-1 \(2 words\) can't be aligned with http.*-dev.iob2, line 3 \(3 words\);"
    )
    with pytest.raises(UserError, match=message):
        download("words", _corpus(served.url), tmp_path / "out")
    served.files[ENTITIES.format("late/en_ewt-ud-dev")] = _iob2("# sent_id = c-9\n1|No|O\n2|Ida|B-PER\n3|!|O")
    with pytest.raises(
        UserError, match=r"dev.conllu, line 2: c-1 is missing in http.*-dev.iob2; take releases"
    ):
        download("words", _corpus(served.url), tmp_path / "out")


def test_missing_rows_and_missing_files(served: Any, tmp_path: Path) -> None:
    served.files[UD.format("test")] = served.files[UD.format("test")].split(b"\n\n")[0]
    with pytest.raises(UserError, match=r"ud-test.conllu: has 1 rows; needs 2"):
        download("words", _corpus(served.url), tmp_path / "out")
    del served.files[UD.format("train")]
    with pytest.raises(UserError, match=r"ud-train.conllu: not there"):
        download("words", _corpus(served.url), tmp_path / "out")
    with pytest.raises(UserError, match="revisions: lacks train, test; name a revision"):
        download("words", _corpus(served.url, revisions={"validation": "x"}), tmp_path / "out")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"ner": ["O"]},
            r"validation.parquet, row 0 \(from 0\), column ner: holds 1 items, needs 2 as tokens",
        ),
        ({"upos": ["X", "Y"]}, r"validation.parquet, row 0 \(from 0\), column upos: Y is not one of ADJ"),
        ({"ner": ["O", "B-OTH"]}, r"column ner: B-OTH is not one of B-LOC, B-ORG, B-PER, I-LOC"),
        ({"tokens": ["a", ""]}, r"column tokens: is empty"),
    ],
)
def test_wrong_mirror(change: dict[str, Any], message: str, write_mirror: Any, tmp_path: Path) -> None:
    rows = ROWS | {"validation": [ROWS["validation"][0] | change]}
    mirror = str(write_mirror(tmp_path / "mirror", "ud_ewt", rows))
    with pytest.raises(UserError, match=message):
        download("words", _corpus("", sources=["mirror"], mirror=mirror), tmp_path / "out")
