"""Splits drawn from one: by source sentence, whatever the rows' order; references gathered."""

import random
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.config.schema.datasets import Pool, TextPairs
from pipeline.data.kinds.pool import drawn
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.text.sentences import bare

Pairs = list[tuple[str, str]]
Row = tuple[str, str, tuple[str, ...]]


def rows_of(pairs: Pairs) -> datasets.Dataset:
    rows = [{"source": source, "target": target, "references": [target]} for source, target in pairs]
    return datasets.Dataset(pa.Table.from_pylist(rows))


def split(pairs: Pairs, validation: int, test: int) -> dict[str, list[Row]]:
    found = drawn(rows_of(pairs), Pool(split="all", validation=validation, test=test))
    return {
        name: [(row["source"], row["target"], tuple(row["references"])) for row in part]
        for name, part in found.items()
    }


words = st.sampled_from(["one", "Two", "three"])
sources = st.builds(
    lambda parts, mark: " ".join(parts) + mark,
    st.lists(words, min_size=1, max_size=3),
    st.sampled_from(["", ".", "!"]),
)


@given(st.lists(st.tuples(sources, st.sampled_from("abcde")), min_size=1, max_size=60), st.randoms())
def test_no_source_is_in_two_splits_and_no_translation_is_lost(pairs: Pairs, rng: random.Random) -> None:
    distinct = len({bare(source) for source, _ in pairs})
    if distinct < 3:
        return
    found = split(pairs, 1, distinct - 2)
    keys = {name: {bare(source) for source, *_ in rows} for name, rows in found.items()}
    assert {name: len(each) for name, each in keys.items()} == {
        "train": 1,
        "validation": 1,
        "test": distinct - 2,
    }
    assert len(set.union(*keys.values())) == distinct
    assert [(source, target) for source, target, _ in found["train"]] == [
        pair for pair in pairs if bare(pair[0]) in keys["train"]
    ]
    for name in ("validation", "test"):
        assert len({source for source, *_ in found[name]}) == len(found[name])
        for source, target, references in found[name]:
            assert list(references) == list(dict.fromkeys(b for a, b in pairs if a == source))
            assert target == references[0]
    again = split(rng.sample(pairs, len(pairs)), 1, distinct - 2)
    assert {name: {bare(source) for source, *_ in rows} for name, rows in again.items()} == keys


def test_a_sentence_more_moves_few_others() -> None:
    """The publisher's files grow: what was tested yesterday is still not trained on."""
    pairs = [(f"sentence {i}", f"satz {i}") for i in range(200)]
    before, after = split(pairs, 20, 40), split([*pairs, ("another", "noch einer")], 20, 40)
    kept = {source for source, *_ in before["test"]} & {source for source, *_ in after["test"]}
    assert len(kept) >= 39


def test_too_few_sentences() -> None:
    with pytest.raises(UserError, match="pool all: has 2 source sentences, of which validation and test"):
        split([("One.", "un"), ("one", "une"), ("two", "deux")], 1, 1)


def test_a_dataset_from_a_pool(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    table = pa.table({"en": ["a b", "a b", "c.", "C", "d", "e"], "fr": ["ab", "ba", "c", "cc", "d", "e"]})
    pq.write_table(table, raw / "en_fr.parquet")
    settings: dict[str, Any] = {
        "kind": "text_pairs",
        "corpus": "pairs",
        "source": "en",
        "target": "fr",
        "pool": {"split": "en_fr", "validation": 1, "test": 1},
        "tokenizer": {"kind": "word", "vocabulary": 50, "minimum_frequency": 1},
    }
    statistics = prepare(TextPairs.model_validate(settings), raw, tmp_path / "prepared")
    dataset = PreparedDataset.open(tmp_path / "prepared")
    assert list(dataset.splits) == ["test", "train", "validation"]
    assert dataset.description["tests"] == ["test"]
    assert [overlap["rows"] for overlap in statistics["overlaps"]] == [0, 0]
    references = {
        row.source: list(row.references)
        for name in dataset.splits
        for row in dataset.split(name).rows().itertuples()
    }
    assert set(references) == {"a b", "c.", "C", "d", "e"}
    for name in dataset.splits:
        assert len(dataset.split(name).columns["target"]) == dataset.splits[name]
    settings["pool"] = {"split": "some", "validation": 1, "test": 1}
    with pytest.raises(UserError, match=r"has no split 'some'; it has en_fr; mend .* or `pool`"):
        prepare(TextPairs.model_validate(settings), raw, tmp_path / "again")
    with pytest.raises(ValidationError, match="with a pool, tests holds one split, test"):
        TextPairs.model_validate(settings | {"tests": ["test", "other"]})
