"""Which words of tagged sentences are asked about, and what a control task is."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.config.schema.datasets import TaggedText
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.probes.tagged_words import TaggedWords, balanced, controls, spread, tagged_words
from pipeline.text.tokenizer import UNK, Tokenizer

SENTENCES = [
    (["Ann", "sells", "U.S.", "boats", "!"], ["NOUN", "VERB", "NOUN", "NOUN", "MARK"], ["B-PER", *"OOOO"]),
    (["boats"], ["NOUN"], ["O"]),
    (["see", "Ann", "Lee"], ["VERB", "NOUN", "NOUN"], ["O", "B-PER", "I-PER"]),
]


@pytest.fixture
def tokenizer() -> Tokenizer:
    return Tokenizer.train(
        ["ann sells boats . ! s u lee"], kind="word", vocabulary=50, minimum_frequency=1, lowercase=True
    )


def dataset(tmp_path: Path, scheme: str) -> PreparedDataset:
    raw = tmp_path / "raw"
    raw.mkdir()
    for split in ("train", "validation", "test"):
        tokens, upos, ner = zip(*SENTENCES, strict=True)
        pd.DataFrame({"tokens": tokens, "upos": upos, "ner": ner}).to_parquet(raw / f"{split}.parquet")
    described = TaggedText(
        kind="tagged_text",
        corpus="tags",
        tags="upos" if scheme == "plain" else "ner",
        scheme=scheme,
        words={"vocabulary": 50, "minimum_frequency": 1, "lowercase": False},
    )
    prepare(described, raw, tmp_path / "tagged")
    return PreparedDataset.open(tmp_path / "tagged")


def test_words_are_those_that_are_one_known_token(tmp_path: Path, tokenizer: Tokenizer) -> None:
    found = tagged_words(dataset(tmp_path, "plain"), "test", tokenizer, 100)
    read = [tokenizer.tokens(text.tolist()) for text in found.texts]
    # "see" is unknown, and U.S. four tokens: they are read, and not asked about.
    assert read == [["boats"], ["<unk>", "ann", "lee"], ["ann", "sells", "u", ".", "s", ".", "boats", "!"]]
    assert found.sentences.tolist() == [0, 1, 1, 2, 2, 2, 2]
    assert found.steps.tolist() == [0, 1, 2, 0, 1, 6, 7]
    asked = [int(found.texts[s][t]) for s, t in zip(found.sentences, found.steps, strict=True)]
    assert found.types.tolist() == asked
    assert UNK not in asked
    assert found.tags.tolist() == ["NOUN", "NOUN", "NOUN", "NOUN", "VERB", "NOUN", "MARK"]


def test_a_part_of_an_entity_has_its_type(tmp_path: Path, tokenizer: Tokenizer) -> None:
    found = tagged_words(dataset(tmp_path, "bio"), "test", tokenizer, 100)
    assert found.tags.tolist() == ["O", "PER", "PER", "PER", "O", "O", "O"]
    kept = found.only(balanced(found.tags))
    assert kept.tags.tolist() == ["O", "PER", "PER", "PER", "O", "O"]
    assert kept.types.tolist() == [found.types[word] for word in (0, 1, 2, 3, 5, 6)]
    assert kept.texts is found.texts


def test_fewer_words_are_whole_sentences_from_end_to_end(tmp_path: Path, tokenizer: Tokenizer) -> None:
    found = tagged_words(dataset(tmp_path, "plain"), "test", tokenizer, 6)  # three words a sentence
    assert [len(text) for text in found.texts] == [3, 8]


def test_a_tokenizer_that_knows_nothing_leaves_nothing_to_ask(tmp_path: Path) -> None:
    other = Tokenizer.train(["x"], kind="word", vocabulary=9, minimum_frequency=1, lowercase=True)
    found = tagged_words(dataset(tmp_path, "bio"), "test", other, 100)
    assert len(found.tags) == len(found.only(balanced(found.tags)).steps) == 0


def test_rows_are_spread_evenly() -> None:
    assert spread(5, 9).tolist() == [0, 1, 2, 3, 4]
    assert spread(101, 5).tolist() == [0, 25, 50, 75, 100]


def test_a_word_type_has_one_control_tag_drawn_as_often_as_the_tags_are() -> None:
    tags = np.array(["a"] * 3 + ["b"])
    none = np.zeros(4, dtype=np.int64)
    drawn = controls(TaggedWords([], none, none, none, tags), 8000)
    assert drawn.shape == (8000,)
    assert abs((drawn == "a").mean() - 0.75) < 0.02
    np.testing.assert_array_equal(drawn, controls(TaggedWords([], none, none, none, tags), 8000))
