"""Words that say nothing behind texts: which rows have how many, and that they tell nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.config.schema.datasets import LabelledText
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.files import sha256_of_folder

WORDS = ["the", "of", "a"]
LENGTHS = [0, 3, 11]


def dataset(**changes: Any) -> LabelledText:
    base = {
        "kind": "labelled_text",
        "corpus": "reviews",
        "classes": ["negative", "positive"],
        "hold_out": 10,
        "longest": 7,
        "filler": {"lengths": LENGTHS, "words": WORDS},
        "tokenizer": {"kind": "ascii_word", "vocabulary": 200, "minimum_frequency": 1},
    }
    return LabelledText.model_validate(base | changes)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    for split, rows in (("train", 150), ("test", 23)):
        texts = [
            f"The {split} a number{row}, of <br />" + "more " * (row % 9 == 8) * 9 for row in range(rows)
        ]
        labels = [row % 2 for row in range(rows)]
        pd.DataFrame({"text": texts, "label": labels}).to_parquet(folder / f"{split}.parquet")
    return folder


@pytest.fixture
def prepared(raw: Path, tmp_path: Path) -> PreparedDataset:
    prepare(dataset(), raw, tmp_path / "out")
    return PreparedDataset.open(tmp_path / "out")


@pytest.mark.parametrize("split", ["validation", "test"])
def test_every_text_has_every_filler_behind_it_shorter_ones_first(
    split: str, prepared: PreparedDataset
) -> None:
    rows = prepared.split(split).rows()
    assert rows["filler"].tolist() == LENGTHS * (len(rows) // len(LENGTHS))
    for _, own in rows.groupby(np.arange(len(rows)) // len(LENGTHS)):
        shortest, middle, longest = own["text"]
        assert middle.startswith(f"{shortest} ")
        assert longest.startswith(f"{middle} ")
        assert set(longest.removeprefix(shortest).split()) <= set(WORDS)
        assert own["label"].nunique() == 1


def test_filler_is_as_long_in_tokens_as_in_words(prepared: PreparedDataset) -> None:
    for name in prepared.splits:
        split = prepared.split(name)
        # The, train, a, number7, the comma, of
        assert (split.columns["text"].lengths - split.rows()["filler"] == 6).all()
    assert prepared.description["filler"] == LENGTHS


def test_training_has_texts_with_lengths_that_are_drawn(raw: Path, tmp_path: Path) -> None:
    filler = {"lengths": LENGTHS, "words": WORDS, "copies": 19}
    prepare(dataset(filler=filler), raw, tmp_path / "copies")
    rows = PreparedDataset.open(tmp_path / "copies").split("train").rows()
    assert len(rows) == 20 * (134 - 10)
    assert (rows["filler"][::20] == 0).all()
    rows = rows.drop(index=range(0, len(rows), 20))
    assert set(rows["filler"]) == set(range(LENGTHS[-1] + 1))
    # Evenly on a logarithmic scale of what begins with 1.
    for low, high in ((0, 0), (1, 2), (3, 6), (7, 11)):
        share = rows["filler"].between(low, high).mean()
        assert share == pytest.approx(np.log((high + 2) / (low + 1)) / np.log(13), abs=0.03)


def test_neither_number_nor_order_of_the_words_tells_the_label(raw: Path, tmp_path: Path) -> None:
    digests = []
    for place, turn in enumerate((0, 1)):
        texts = pd.read_parquet(raw / "train.parquet")
        texts.assign(label=(texts["label"] + turn) % 2).to_parquet(raw / "train.parquet")
        prepare(dataset(), raw, tmp_path / str(place))
        digests.append(PreparedDataset.open(tmp_path / str(place)).split("test").rows()["text"].tolist())
    assert digests[0] == digests[1]


def test_held_out_texts_are_not_in_training_whatever_follows_them(prepared: PreparedDataset) -> None:
    def texts(name: str) -> set[str]:
        rows = prepared.split(name).rows()
        return {text[: text.index("<br />")] for text in rows["text"]}

    assert len(texts("validation")) * len(LENGTHS) == prepared.splits["validation"]
    assert not texts("validation") & texts("train")


def test_texts_of_two_splits_are_found_before_any_filler(raw: Path, tmp_path: Path) -> None:
    test = pd.read_parquet(raw / "train.parquet").iloc[:4]
    test.to_parquet(raw / "test.parquet")
    statistics = prepare(dataset(longest=None, hold_out=2), raw, tmp_path / "out")
    assert statistics["overlaps"][0] == {"splits": ["train", "validation"], "rows": 0}
    assert statistics["overlaps"][1]["rows"] in (4 * 3, 3 * 3, 2 * 3)


def test_the_same_words_come_again_and_others_by_another_seed(raw: Path, tmp_path: Path) -> None:
    digests = []
    for place, seed in enumerate((0, 0, 1)):
        filler = {"lengths": LENGTHS, "words": WORDS, "seed": seed}
        prepare(dataset(filler=filler), raw, tmp_path / str(place))
        digests.append(sha256_of_folder(tmp_path / str(place)))
    assert digests[0] == digests[1] != digests[2]


def test_how_often_texts_say_the_words_themselves_is_told_by_label(raw: Path, tmp_path: Path) -> None:
    statistics = prepare(dataset(), raw, tmp_path / "out")
    assert statistics["filler"]["lengths"] == LENGTHS
    # Three of a text's six tokens.
    assert statistics["filler"]["shares"] == {"0": pytest.approx(0.5), "1": pytest.approx(0.5)}


def test_filler_does_not_make_the_vocabulary(raw: Path, tmp_path: Path) -> None:
    prepare(dataset(), raw, tmp_path / "with")
    prepare(dataset(filler=None), raw, tmp_path / "without")
    vocabularies = [(tmp_path / name / "text.tokenizer.json").read_text() for name in ("with", "without")]
    assert vocabularies[0] == vocabularies[1]
    assert "filler" not in PreparedDataset.open(tmp_path / "without").description
    assert "filler" not in PreparedDataset.open(tmp_path / "without").split("test").rows()


def test_texts_without_labels_have_no_filler() -> None:
    with pytest.raises(ValueError, match="with filler, unlabelled is empty"):
        dataset(unlabelled=["unsupervised"])


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("unheard", "filler: the word 'unheard' is in no training text; mend `words` of the dataset"),
        ("two words", "filler: the word 'two words' is not one token; mend `words` of the dataset"),
    ],
)
def test_a_word_that_is_no_known_token_is_one_line(
    word: str, message: str, raw: Path, tmp_path: Path
) -> None:
    filler = {"lengths": LENGTHS, "words": [word, *WORDS]}
    with pytest.raises(UserError, match=f"^{message}$"):
        prepare(dataset(filler=filler), raw, tmp_path / "out")
