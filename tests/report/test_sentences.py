"""Sample sentences of taggers: chosen by length alone, with every variant's tags."""

import itertools
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.report.figures import by_tag
from pipeline.report.sentences import LONGEST, SENTENCES, read_sentences


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows: list[dict[str, Any]] = []
    for variant in ("lstm", "bilstm", "window_mlp"):
        for seed in (3, 5):
            for row in range(40):
                tags = [f"T{i % 3}" for i in range(row + 1)]
                predicted = [*tags[:-1], f"{variant}-{seed}"]
                words = [f"w{i}" for i in range(row + 1)]
                common = {"variant": variant, "seed": seed, "split": "test", "row": row}
                rows.append(common | {"tokens": words, "tags": tags, "predicted": predicted})
    pd.DataFrame(rows).to_parquet(tmp_path / "predictions.parquet")
    return tmp_path


def test_sentences_of_even_steps_of_length(folder: Path) -> None:
    sentences = read_sentences(folder, "test", ["bilstm", "lstm"])
    lengths = [len(sentence.words) for sentence in sentences]
    assert len(sentences) == SENTENCES
    assert (lengths[0], lengths[-1]) == (3, LONGEST)
    assert max(b - a for a, b in itertools.pairwise(lengths)) <= 5
    for sentence in sentences:
        assert list(sentence.predicted) == ["bilstm", "lstm"]
        assert sentence.predicted["lstm"][-1] == "lstm-3"
        assert len(sentence.tags) == len(sentence.words)


def test_nothing_without_predictions_or_of_another_split(folder: Path, tmp_path: Path) -> None:
    assert read_sentences(folder, "other", ["lstm"]) == []
    assert read_sentences(tmp_path / "nowhere", "test", ["lstm"]) == []


def test_tags_are_drawn_by_frequency_and_seeds_averaged() -> None:
    frame = pd.DataFrame(
        [
            ("lstm", 0, "A", 0.5, 3),
            ("lstm", 1, "A", 0.7, 3),
            ("lstm", 0, "B", 0.2, 9),
            ("mlp", -1, "B", 0.1, 9),
        ],
        columns=["variant", "seed", "tag", "f1", "support"],
    )
    spec = by_tag(frame, ["lstm", "mlp"], ["lstm"])
    text = str(spec)
    assert "['B', 'A']" in text
    assert "0.6" in text
    assert "var(--baseline)" in text
