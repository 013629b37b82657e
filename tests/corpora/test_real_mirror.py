"""The real corpora, where a mirror of them lies beside the checkout."""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.corpora import (
    BabiCorpus,
    DialogsCorpus,
    Flickr8kCorpus,
    HeadlinesCorpus,
    ImdbCorpus,
    Multi30kCorpus,
    Remote,
    SpeechDigitsCorpus,
    TatoebaCorpus,
    UdEwtCorpus,
)
from pipeline.corpora import babi, dialogs, download, flickr8k, headlines, imdb, speech_digits, ud_ewt
from pipeline.sounds import read_wav
from pipeline.text.sentences import bare

REAL = Path(__file__).parents[2] / "../shared/corpora"
pytestmark = pytest.mark.skipif(not REAL.exists(), reason="no mirror of the real corpora beside the checkout")


def test_imdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    splits = imdb.splits
    monkeypatch.setattr(imdb, "splits", lambda: splits()[:1])  # the training split alone: seconds
    corpus = ImdbCorpus(reader="imdb", sources=["mirror"], mirror=str(REAL), upstream=Remote(url=""))
    provenance = download("imdb", corpus, tmp_path / "out")
    assert {split: facts["rows"] for split, facts in provenance["splits"].items()} == {"train": 25_000}
    labels = pq.read_table(tmp_path / "out/train.parquet", columns=["label"])["label"].to_pylist()
    assert labels == [0] * 12_500 + [1] * 12_500


def test_multi30k(tmp_path: Path) -> None:
    corpus = Multi30kCorpus(reader="multi30k", sources=["mirror"], mirror=str(REAL), upstream="")
    provenance = download("multi30k", corpus, tmp_path / "out")
    rows = {split: facts["rows"] for split, facts in provenance["splits"].items()}
    assert rows == {
        "train": 29_000,
        "validation": 1_014,
        "test2016": 1_000,
        "test2017": 1_000,
        "multiref_train": 29_000,
        "multiref_validation": 1_014,
        "multiref_test2016": 1_000,
    }
    assert pq.read_schema(tmp_path / "out/test2017.parquet").names == ["en", "de", "fr"]


def test_tatoeba(tmp_path: Path) -> None:
    corpus = TatoebaCorpus(reader="tatoeba", sources=["mirror"], mirror=str(REAL), upstream="")
    provenance = download("tatoeba", corpus, tmp_path / "out")
    assert {split: facts["rows"] for split, facts in provenance["splits"].items()} == {
        "en_hi": 2_952,
        "en_fr": 167_130,
    }
    columns = {split: pq.read_schema(tmp_path / f"out/{split}.parquet").names for split in ("en_hi", "en_fr")}
    assert columns == {"en_hi": ["en", "hi", "attribution"], "en_fr": ["en", "fr"]}


def test_ud_ewt(tmp_path: Path) -> None:
    corpus = UdEwtCorpus(
        reader="ud_ewt", sources=["mirror"], mirror=str(REAL), upstream="", entities="", revisions={}
    )
    provenance = download("ud_ewt", corpus, tmp_path / "out")
    assert {split: facts["rows"] for split, facts in provenance["splits"].items()} == ud_ewt.ROWS
    tables = {split: pq.read_table(tmp_path / f"out/{split}.parquet") for split in ud_ewt.ROWS}
    assert sum(map(len, tables["train"]["tokens"].to_pylist())) == 204_577
    tags = Counter(tag for row in tables["train"]["ner"].to_pylist() for tag in row)
    assert (tags["B-PER"], tags["B-LOC"], tags["B-ORG"]) == (2_873, 2_698, 1_434)
    train = {tuple(tokens) for tokens in tables["train"]["tokens"].to_pylist()}
    for split, known in {"validation": 68, "test": 94}.items():
        assert sum(tuple(tokens) in train for tokens in tables[split]["tokens"].to_pylist()) == known


def test_flickr8k(tmp_path: Path) -> None:
    corpus = Flickr8kCorpus(reader="flickr8k", sources=["mirror"], mirror=str(REAL), upstream="")
    provenance = download("flickr8k", corpus, tmp_path / "out")
    assert {split: facts["rows"] for split, facts in provenance["splits"].items()} == flickr8k.ROWS
    tables = {split: pq.read_table(tmp_path / f"out/{split}.parquet") for split in flickr8k.ROWS}
    assert len(set(tables["train"]["image"].to_pylist())) == 5_999
    known = {caption for own in tables["train"]["captions"].to_pylist() for caption in own}
    asked = [caption for own in tables["test"]["captions"].to_pylist() for caption in own]
    assert len(asked) == 5_000
    assert len(known.intersection(asked)) == 45


def test_speech_digits(tmp_path: Path) -> None:
    corpus = SpeechDigitsCorpus(
        reader="speech_digits", sources=["mirror"], mirror=str(REAL), upstream="", revision=""
    )
    provenance = download("speech_digits", corpus, tmp_path / "out")
    assert {split: facts["rows"] for split, facts in provenance["splits"].items()} == speech_digits.ROWS
    for split, indices in {"train": range(5, 50), "test": range(5)}.items():
        rows = pq.read_table(tmp_path / f"out/{split}.parquet").to_pylist()
        assert {row["index"] for row in rows} == set(indices)
        assert len({row["audio"]["bytes"] for row in rows}) == len(rows)
        for row in rows[::97]:
            samples = read_wav(row["audio"]["bytes"], row["audio"]["path"])
            assert len(samples) == row["num_samples"]
            assert row["audio"]["path"] == f"{row['digit']}_{row['speaker']}_{row['index']}.wav"


def test_babi(tmp_path: Path) -> None:
    corpus = BabiCorpus(reader="babi", sources=["mirror"], mirror=str(REAL), upstream=Remote(url=""))
    provenance = download("babi", corpus, tmp_path / "out")
    assert {split: facts["rows"] for split, facts in provenance["splits"].items()} == babi.ROWS
    for split in babi.ROWS:
        types = pq.read_table(tmp_path / f"out/{split}.parquet", columns=["type"])["type"]
        assert Counter(types.to_pylist()) == dict.fromkeys(babi.TYPES, 1_000)


def test_dialogs(tmp_path: Path) -> None:
    corpus = DialogsCorpus(reader="dialogs", sources=["mirror"], mirror=str(REAL), upstream=Remote(url=""))
    provenance = download("dialogs", corpus, tmp_path / "out")
    assert {split: facts["rows"] for split, facts in provenance["splits"].items()} == dialogs.ROWS
    tables = {split: pq.read_table(tmp_path / f"out/{split}.parquet") for split in dialogs.ROWS}
    whole = {split: _dialogues(table.to_pylist()) for split, table in tables.items()}
    train = set(whole["train"])
    assert sum(map(len, whole["train"])) == dialogs.ROWS["train"] + 11_118
    assert len(whole["train"]) - len(train) == 569
    assert sum(dialogue in train for dialogue in whole["test"]) == 93
    assert sum(dialogue in train for dialogue in whole["validation"]) == 69


def _dialogues(rows: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for row in rows:
        turns = found.setdefault(row["dialog_id"], [row["prompt"]])
        assert turns[-1] == row["prompt"]
        assert len(turns) == row["turn"]
        turns.append(row["response"])
    return [tuple(turns) for turns in found.values()]


def test_headlines(tmp_path: Path) -> None:
    corpus = HeadlinesCorpus(reader="headlines", sources=["mirror"], mirror=str(REAL), upstream="")
    provenance = download("headlines", corpus, tmp_path / "out")
    assert provenance["splits"]["inshorts"]["rows"] == headlines.ROWS
    table = pq.read_table(tmp_path / "out/inshorts.parquet")
    assert table.column_names == ["text", "summary"]
    for column in table.column_names:
        assert len({bare(text) for text in table[column].to_pylist()}) == headlines.ROWS
    assert sum("?" in text for text in table["summary"].to_pylist()) == 379
    assert sum("?" in text for text in table["text"].to_pylist()) == 746
