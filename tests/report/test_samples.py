"""Sample sentences are chosen by length alone, and alignments keep their sides apart."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.report.samples import LONGEST_MAP, SENTENCES, Alignment, read_samples, read_shown


def test_without_predictions_there_are_no_samples(tmp_path: Path) -> None:
    assert read_samples(tmp_path, "test", ["luong"]) == []
    assert read_shown(tmp_path, ["luong"]) == []


def test_samples_span_the_lengths_and_hold_every_variant(project: Any) -> None:
    order = ["none", "bahdanau", "luong"]
    samples = read_samples(project.predictions / "translation", "test", order)
    lengths = [len(sample.source.split()) for sample in samples]
    assert len(samples) == SENTENCES
    assert lengths == sorted(lengths)
    assert lengths[0] <= 4
    assert lengths[-1] >= 17
    for sample in samples:
        assert list(sample.outputs) == [*order, "word_table"]
        assert len(sample.references) == 2
        assert sample.found == ""
        assert list(sample.alignments) == ["bahdanau", "luong"]


def test_another_split_has_no_samples(project: Any) -> None:
    assert read_samples(project.predictions / "translation", "joined", ["luong"]) == []


def test_weights_run_over_target_then_source(project: Any) -> None:
    sample = read_samples(project.predictions / "translation", "test", ["luong"])[3]
    alignment = sample.alignments["luong"]
    assert alignment.weights.shape == (len(alignment.target), len(alignment.source))
    np.testing.assert_allclose(alignment.weights.sum(axis=1), 1, rtol=1e-5)


def test_strongest_link_of_each_output_word() -> None:
    weights = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
    links = Alignment(["a", "red", "lamp"], ["une", "lampe"], weights).strongest()
    assert links == [("une", "a", 0.7), ("lampe", "lamp", 0.6)]


def test_sentences_too_long_to_read_get_no_heat_map(project: Any, monkeypatch: Any) -> None:
    assert LONGEST_MAP == 40
    monkeypatch.setattr("pipeline.report.samples.LONGEST_MAP", 5)
    samples = read_samples(project.predictions / "translation", "test", ["luong"])
    for sample in samples:
        assert bool(sample.alignments) == (len(sample.source.split()) <= 5)


def test_pieces_of_words_are_marked_where_they_continue_one(project: Any) -> None:
    path = project.predictions / "translation/alignments.parquet"
    table = pd.read_parquet(path)
    table["source_tokens"] = [[f"▁{words[0]}", *words[1:]] for words in table["source_tokens"]]
    table.to_parquet(path)
    sample = read_samples(project.predictions / "translation", "test", ["luong"])[3]
    first, *others = sample.source.split()
    assert sample.alignments["luong"].source == [first, *(f"·{word}" for word in others)]
    assert sample.alignments["luong"].target == sample.outputs["luong"].split()


def test_sentences_that_the_parameters_name(project: Any) -> None:
    order = ["none", "bahdanau", "luong"]
    shown = read_shown(project.predictions / "translation", order)
    assert [(sample.source, sample.found) for sample in shown] == [
        ("the red lamp", "train"),
        ("a white door", "test"),
        ("near the old cat", "none"),
    ]
    assert [len(sample.references) for sample in shown] == [1, 1, 0]
    assert len({sample.row for sample in shown}) == 3
    assert all(sample.row < 0 for sample in shown)
    for sample in shown:
        assert list(sample.outputs) == [*order, "word_table"]
        assert list(sample.alignments) == ["bahdanau", "luong"]
        assert sample.alignments["luong"].source == sample.source.split()


def test_of_several_seeds_the_first_is_shown(project: Any) -> None:
    for name in ("predictions", "shown"):
        path = project.predictions / f"translation/{name}.parquet"
        rows = pd.read_parquet(path)
        models = rows[rows["seed"] >= 0]
        pd.concat([models.assign(seed=1, hypothesis="of seed 1"), rows]).to_parquet(path)
    folder = project.predictions / "translation"
    for sample in [*read_samples(folder, "test", ["luong"]), *read_shown(folder, ["luong"])]:
        assert "of seed 1" not in sample.outputs.values()


def test_without_attention_the_named_sentences_have_no_map(project: Any) -> None:
    path = project.predictions / "translation/shown.parquet"
    rows = pd.read_parquet(path)
    rows[rows["variant"] == "none"].drop(columns="weights").to_parquet(path)
    for sample in read_shown(project.predictions / "translation", ["none"]):
        assert sample.alignments == {}
