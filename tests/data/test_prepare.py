"""prepare: splits by content, tokenizers of the training split alone, statistics worked by hand."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.datasets import LabelledText, TaggedText, TextPairs
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.text.words import SPELLING

TOKENIZER = {"kind": "word", "vocabulary": 50, "minimum_frequency": 1}


def labelled(**changes: Any) -> LabelledText:
    base = {
        "kind": "labelled_text",
        "corpus": "reviews",
        "classes": ["negative", "positive"],
        "tokenizer": TOKENIZER,
    }
    return LabelledText.model_validate(base | changes)


def paired(**changes: Any) -> TextPairs:
    base = {"kind": "text_pairs", "corpus": "pairs", "source": "en", "target": "fr", "tokenizer": TOKENIZER}
    return TextPairs.model_validate(base | changes)


def write(folder: Path, split: str, **columns: Any) -> None:
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), folder / f"{split}.parquet")


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    write(folder, "train", text=["a b c", "a b", "a", ""], label=[0, 1, 0, 1], rating=[1, 9, 2, 8])
    write(folder, "validation", text=["a b", "z z z y"], label=[0, 1], rating=[1, 9])
    write(folder, "test", text=["a", "b c b", "a b"], label=[1, 0, 1], rating=[9, 1, 9])
    write(folder, "unsupervised", text=["c c"], label=[-1], rating=[0])
    return folder


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    for split, count in (("train", 5), ("validation", 3), ("test", 2)):
        sources = [f"one {'two ' * i}" for i in range(count)]
        write(folder, split, en=sources, fr=[f"un {'deux ' * i}" for i in range(count)])
    several = [["un", "le un"], ["un deux"]]
    write(folder, "multi", en=["one", "one two"], fr=["un", "un deux"], fr_references=several)
    return folder


def test_a_prepared_dataset_of_texts(reviews: Path, tmp_path: Path) -> None:
    statistics = prepare(labelled(unlabelled=["unsupervised"]), reviews, tmp_path / "prepared")
    dataset = PreparedDataset.open(tmp_path / "prepared")
    assert (dataset.kind, dataset.classes, dataset.columns) == (
        "labelled_text",
        ["negative", "positive"],
        ["text"],
    )
    assert dataset.splits == {"train": 4, "validation": 2, "test": 3, "unsupervised": 1}
    assert dataset.vocabulary == {"text": 7}

    test = dataset.split("test")
    assert test.labels is not None
    assert test.labels.tolist() == [1, 0, 1]
    tokenizer = dataset.tokenizer("text")
    texts = [tokenizer.decode(test.columns["text"][i].tolist()) for i in range(len(test))]
    assert texts == test.rows()["text"].tolist() == ["a", "b c b", "a b"]
    assert list(test.rows().columns) == ["text", "label"]

    splits = statistics["splits"]
    assert splits["train"] == {
        "rows": 4,
        "tokens": {"text": 6},
        "length_quantiles": {
            "text": {"p5": pytest.approx(0.15), "p50": 1.5, "p95": pytest.approx(2.85), "max": 3.0}
        },
        "unknown_share": {"text": 0.0},
    }
    assert splits["validation"]["unknown_share"] == {"text": pytest.approx(4 / 6)}
    assert statistics["vocabulary"] == {"text": 7}
    assert statistics["overlaps"] == [
        {"splits": ["train", "validation"], "rows": 1},
        {"splits": ["train", "test"], "rows": 2},
        {"splits": ["train", "unsupervised"], "rows": 0},
    ]


def test_a_prepared_dataset_of_pairs(pairs: Path, tmp_path: Path) -> None:
    statistics = prepare(paired(tests=["test", "multi"]), pairs, tmp_path / "prepared")
    dataset = PreparedDataset.open(tmp_path / "prepared")
    assert (dataset.kind, dataset.classes, dataset.columns) == ("text_pairs", None, ["source", "target"])
    assert dataset.description["tests"] == ["test", "multi"]
    # One vocabulary for both sides: four special types and one, two, un, deux.
    assert dataset.vocabulary == statistics["vocabulary"] == {"source": 8, "target": 8}
    assert dataset.tokenizer("source").to_json() == dataset.tokenizer("target").to_json()
    assert dataset.split("validation").labels is None
    assert dataset.split("validation").columns["target"].lengths.tolist() == [1, 2, 3]
    assert [list(each) for each in dataset.split("test").rows()["references"]] == [["un "], ["un deux "]]
    assert [list(each) for each in dataset.split("multi").rows()["references"]] == [
        ["un", "le un"],
        ["un deux"],
    ]


def test_a_vocabulary_for_each_side(pairs: Path, tmp_path: Path) -> None:
    prepare(paired(joint_vocabulary=False), pairs, tmp_path / "prepared")
    dataset = PreparedDataset.open(tmp_path / "prepared")
    assert dataset.vocabulary == {"source": 6, "target": 6}
    assert dataset.tokenizer("source").decode([4, 5]) in ("one two", "two one")
    assert dataset.tokenizer("target").decode([4, 5]) in ("un deux", "deux un")


def held_out(raw: Path, folder: Path, count: int) -> tuple[list[str], list[str]]:
    prepare(labelled(hold_out=count), raw, folder)
    dataset = PreparedDataset.open(folder)
    return tuple(dataset.split(name).rows()["text"].tolist() for name in ("train", "validation"))  # type: ignore[return-value]


def test_hold_out_goes_by_content(tmp_path: Path) -> None:
    """No text on both sides, whatever its copies; the same texts however the rows are ordered."""
    rng = np.random.default_rng(5)
    texts = [f"text {i}" for i in rng.integers(0, 61, 97)]
    orders = [np.arange(97), rng.permutation(97)]
    chosen = []
    for i, order in enumerate(orders):
        raw = tmp_path / f"raw{i}"
        write(raw, "train", text=[texts[j] for j in order], label=[0] * 97)
        write(raw, "test", text=["text 1"], label=[1])
        train, validation = held_out(raw, tmp_path / f"prepared{i}", 13)
        assert sorted(train + validation) == sorted(texts)
        assert not set(train) & set(validation)
        # The copies of the last text chosen come along.
        assert 13 <= len(validation) < 13 + texts.count(max(validation, key=texts.count))
        chosen.append(set(validation))
    assert chosen[0] == chosen[1]
    # Held-out words are not learnt from: their numbers are unknown words unless training has them too.
    tokenizer = PreparedDataset.open(tmp_path / "prepared0").tokenizer("text")
    assert all("<unk>" in tokenizer.decode(tokenizer.encode(text)) for text in chosen[0])


def test_hold_out_takes_neighbours_and_every_class_has_its_share(tmp_path: Path) -> None:
    """Of 300 and 100 rows, runs of 4 neighbours are taken until 60 and 20 are held out."""
    raw = tmp_path / "raw"
    write(raw, "train", text=[f"text {i}" for i in range(400)], label=[0] * 300 + [1] * 100)
    write(raw, "test", text=["text"], label=[1])
    _, validation = held_out(raw, tmp_path / "prepared", 80)
    rows = [int(text.split()[1]) for text in validation]
    assert sum(row < 300 for row in rows) == 60
    assert sum(row >= 300 for row in rows) == 20
    assert {row // 4 for row in rows} == {row // 4 for row in rows[::4]}
    assert len({row // 4 for row in rows}) == 20
    assert rows != list(range(rows[0], rows[0] + 80))


def test_equal_input_gives_an_equal_digest(reviews: Path, tmp_path: Path) -> None:
    digests = []
    for name, dataset in (
        ("one", labelled()),
        ("two", labelled()),
        ("three", labelled(classes=["no", "yes"])),
    ):
        prepare(dataset, reviews, tmp_path / name)
        digests.append(PreparedDataset.open(tmp_path / name).digest)
    assert digests[0] == digests[1] != digests[2]


def test_a_split_that_the_corpus_has_not(reviews: Path, tmp_path: Path) -> None:
    (reviews / "validation.parquet").unlink()
    message = r"raw: has no split 'validation'; it has test, train, unsupervised; mend `tests`, `hold_out` or"
    with pytest.raises(UserError, match=message):
        prepare(labelled(), reviews, tmp_path / "prepared")
    assert not (tmp_path / "prepared").exists()
    with pytest.raises(UserError, match="nowhere: has no split 'train'; it has nothing"):
        prepare(labelled(), tmp_path / "nowhere", tmp_path / "prepared")


def test_a_column_that_the_corpus_has_not(reviews: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"train.parquet: has no column 'en'; it has text, label, rating"):
        prepare(paired(), reviews, tmp_path / "prepared")


def test_a_failed_prepare_leaves_the_old_dataset(reviews: Path, tmp_path: Path) -> None:
    prepare(labelled(), reviews, tmp_path / "prepared")
    before = PreparedDataset.open(tmp_path / "prepared").digest
    with pytest.raises(UserError):
        prepare(paired(), reviews, tmp_path / "prepared")
    assert PreparedDataset.open(tmp_path / "prepared").digest == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["prepared", "raw"]


def test_prepare_imports_no_torch() -> None:
    code = (
        "import sys, stages.prepare; assert 'torch' not in sys.modules; assert 'lightning' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


@pytest.mark.parametrize("label", [2, -1])
def test_a_label_without_a_class(reviews: Path, tmp_path: Path, label: int) -> None:
    write(reviews, "test", text=["a", "b", "c"], label=[0, 1, label])
    message = rf"test.parquet, row 3: label {label}; `classes` of the dataset names 0 to 1; mend it"
    with pytest.raises(UserError, match=message):
        prepare(labelled(unlabelled=["unsupervised"]), reviews, tmp_path / "prepared")


def tagged(**changes: Any) -> TaggedText:
    words = {"vocabulary": 50, "minimum_frequency": 1}
    base = {"kind": "tagged_text", "corpus": "tags", "tags": "upos", "words": words}
    return TaggedText.model_validate(base | changes)


@pytest.fixture
def sentences(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    tokens, tags = [["Dogs", "bark"], ["bark"]], [["N", "V"], ["N"]]
    write(folder, "train", tokens=tokens, upos=tags, ner=[["O", "O"], ["O"]])
    write(folder, "validation", tokens=[["bark", "!", "Dogs"]], upos=[["V", "X", "N"]], ner=[["O"] * 3])
    write(folder, "test", tokens=[["Dogs", "bark"]], upos=[["N", "V"]], ner=[["B-PER", "O"]])
    return folder


def test_a_prepared_dataset_of_tagged_sentences(sentences: Path, tmp_path: Path) -> None:
    statistics = prepare(tagged(), sentences, tmp_path / "prepared")
    dataset = PreparedDataset.open(tmp_path / "prepared")
    assert dataset.columns == ["words", "characters", "tags"]
    assert dataset.description["tags"] == ["N", "V", "X"]
    assert statistics["overlaps"][1] == {"splits": ["train", "test"], "rows": 1}
    assert statistics["splits"]["validation"]["unknown_share"] == {"words": pytest.approx(1 / 3)}
    columns = dataset.split("validation").columns
    assert columns["tags"][0].tolist() == [1, 2, 0]
    words = dataset.tokenizer("words").tokens(columns["words"][0].tolist())
    assert words == ["bark", "<unk>", "Dogs"]
    spelling = columns["characters"][0].reshape(3, SPELLING)
    letters = dataset.tokenizer("characters").tokens(spelling[0].tolist())
    assert letters[:4] == ["b", "a", "r", "k"]
    assert set(letters[4:]) == {"<pad>"}


def test_entities_are_another_column_of_the_same_sentences(sentences: Path, tmp_path: Path) -> None:
    prepare(tagged(tags="ner", scheme="bio"), sentences, tmp_path / "prepared")
    description = PreparedDataset.open(tmp_path / "prepared").description
    assert (description["tags"], description["scheme"]) == (["B-PER", "O"], "bio")


@pytest.mark.parametrize(("tokens", "tags"), [([["a", "b"]], [["N"]]), ([[]], [[]])])
def test_sentences_without_a_tag_for_each_word(
    sentences: Path, tmp_path: Path, tokens: Any, tags: Any
) -> None:
    kind = pa.list_(pa.string())
    write(sentences, "test", tokens=pa.array(tokens, kind), upos=pa.array(tags, kind))
    with pytest.raises(UserError, match=r"test.parquet, row 1: \d words and \d tags; needs as many tags"):
        prepare(tagged(), sentences, tmp_path / "prepared")
