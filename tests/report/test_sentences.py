"""Sample sentences of taggers: chosen by length alone, with every variant's tags."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.report.sentences import GAP, LINE, LONGEST, SENTENCES, SHORTEST, Sentence, read_sentences


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows: list[dict[str, Any]] = []
    for variant in ("lstm", "bilstm", "window_mlp"):
        for seed in (3, 5) if variant != "window_mlp" else (-1,):
            for row in range(53):
                tags = [f"T{i % 3}" for i in range(row + 1)]
                predicted = [*tags[:-1], f"{variant}-{seed}"]
                words = [f"w{i}" for i in range(row + 1)]
                common = {"variant": variant, "seed": seed, "split": "test", "row": row}
                rows.append(common | {"tokens": words, "tags": tags, "predicted": predicted})
    pd.DataFrame(rows).to_parquet(tmp_path / "predictions.parquet")
    return tmp_path


def test_sentences_span_the_lengths_and_hold_every_variant(folder: Path) -> None:
    sentences = read_sentences(folder, "test", ["bilstm", "lstm"])
    lengths = [len(sentence.words) for sentence in sentences]
    assert len(sentences) == SENTENCES
    assert lengths == sorted(lengths)
    assert SHORTEST <= lengths[0] <= SHORTEST + 2
    assert LONGEST - 2 <= lengths[-1] <= LONGEST
    for sentence in sentences:
        assert sentence.words == [f"w{i}" for i in range(len(sentence.words))]
        assert len(sentence.tags) == len(sentence.words)
        assert list(sentence.predicted) == ["bilstm", "lstm"]
        assert sentence.predicted["lstm"][-1] == "lstm-3", "the first seed of a variant, not the baseline's"


def test_nothing_without_predictions_or_of_another_split(folder: Path, tmp_path: Path) -> None:
    assert read_sentences(folder, "other", ["lstm"]) == []
    assert read_sentences(folder, "test", []) == []
    assert read_sentences(tmp_path / "nowhere", "test", ["lstm"]) == []


def test_a_long_sentence_is_cut_into_lines_that_hold_every_word_once() -> None:
    words = [f"w{i}" for i in range(37)]
    sentence = Sentence(0, words, ["PUNCT"] * 37, {"lstm": ["X"] * 37})
    lines = [words[line] for line in sentence.lines]
    assert [word for line in lines for word in line] == words
    assert {len(line) * (len("PUNCT") + GAP) <= LINE for line in lines} == {True}
    assert len(lines) == 4


def test_a_word_longer_than_a_line_has_one_of_its_own() -> None:
    words = ["a", "w" * (LINE + 7), "b"]
    sentence = Sentence(0, words, ["X"] * 3, {})
    assert [words[line] for line in sentence.lines] == [[word] for word in words]
