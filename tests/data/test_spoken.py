"""Spoken digits: prepared rows of one speaker's recordings, and batches of them."""

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.corpora import TonesCorpus
from pipeline.config.schema.datasets import SpokenDigits
from pipeline.corpora import download
from pipeline.data.features import features
from pipeline.data.kinds.spoken_digits import WORDS
from pipeline.data.prepare import prepare
from pipeline.data.speech import Speech
from pipeline.data.spoken import SpeechBatches
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.sounds import log_mel, read_wav, stacked
from pipeline.text.tokenizer import BOS, EOS, PAD

ROWS = {"train": 211, "validation": 53, "test": 47}
SPLITS = {"train": 211, "validation": 53, "new_speaker": 47, "known_speakers": 47}
MELS, STACK = 11, 3


def block(**changes: Any) -> SpokenDigits:
    base = {"kind": "spoken_digits", "corpus": "tones", "new_speaker": "carla", "hold_out": 2}
    base |= {"digits": 4, "rows": ROWS, "mels": MELS, "stack": STACK}
    return SpokenDigits.model_validate(base | changes)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tones") / "raw"
    download("tones", TonesCorpus(reader="tones", recordings=9), folder)
    return folder


@pytest.fixture(scope="module")
def prepared(raw: Path) -> tuple[PreparedDataset, dict[str, Any]]:
    statistics = prepare(block(), raw, raw.parent / "prepared")
    return PreparedDataset.open(raw.parent / "prepared"), statistics


def lines(raw: Path) -> list[dict[str, Any]]:
    return [line for name in ("train", "test") for line in pq.read_table(raw / f"{name}.parquet").to_pylist()]


def owners(raw: Path, dataset: PreparedDataset, name: str) -> list[dict[str, Any]]:
    """Of every recording of a split the line of the corpus whose sound it is."""
    known = {
        features(read_wav(line["audio"]["bytes"], "x"), dataset.description)
        .astype(np.float16)
        .tobytes(): line
        for line in lines(raw)
    }
    speech = Speech.read(dataset, name)
    return [
        known[speech.recording(number).astype(np.float16).tobytes()]
        for number in range(len(speech.first) - 1)
    ]


def test_rows_are_recordings_of_one_speaker_with_their_words(raw: Path, prepared: Any) -> None:
    dataset, _ = prepared
    assert dataset.splits == SPLITS
    for name in SPLITS:
        speech, table, own = (
            Speech.read(dataset, name),
            dataset.split(name).rows(),
            owners(raw, dataset, name),
        )
        tokenizer = dataset.tokenizer("transcript")
        for row in range(len(speech)):
            said = [own[number] for number in speech.recordings[row]]
            text = " ".join(WORDS[line["digit"]] for line in said)
            assert tokenizer.decode(speech.transcripts[row]) == text
            assert list(table["references"][row]) == [text]
            assert {line["speaker"] for line in said} == {table["speaker"][row]}
            assert len(said) == table["digits"][row] == 1 + row % 4
            assert len(set(speech.recordings[row])) == len(said)
            assert len(speech[row]) == speech.lengths[row]


def test_no_recording_is_in_two_splits(raw: Path, prepared: Any) -> None:
    dataset, statistics = prepared
    found = {name: {line["audio"]["path"] for line in owners(raw, dataset, name)} for name in SPLITS}
    for one, other in combinations(found, 2):
        assert not found[one] & found[other]
    assert set.union(*found.values()) == {line["audio"]["path"] for line in lines(raw)}
    assert [each["rows"] for each in statistics["overlaps"]] == [0, 0, 0]


def test_the_new_speaker_is_heard_in_the_test_only(raw: Path, prepared: Any) -> None:
    dataset, statistics = prepared
    for name in SPLITS:
        speakers = {line["speaker"] for line in owners(raw, dataset, name)}
        assert speakers == ({"carla"} if name == "new_speaker" else {"amina", "boris", "dimo", "elif"})
        assert statistics["splits"][name]["speakers"] == sorted(speakers)
    indices = {name: {line["index"] for line in owners(raw, dataset, name)} for name in SPLITS}
    assert indices == {
        "train": {7, 8},
        "validation": {5, 6},
        "new_speaker": set(range(9)),
        "known_speakers": set(range(5)),
    }


def test_frames_are_standardised_by_training_alone(raw: Path, prepared: Any) -> None:
    dataset, _ = prepared
    own = owners(raw, dataset, "train")
    frames = np.concatenate([log_mel(read_wav(line["audio"]["bytes"], "x"), MELS) for line in own])
    np.testing.assert_allclose(dataset.description["mean"], frames.mean(0), rtol=1e-4)
    np.testing.assert_allclose(dataset.description["scale"], frames.std(0), rtol=1e-4)
    content = own[0]["audio"]["bytes"]
    expected = (log_mel(read_wav(content, "x"), MELS) - frames.mean(0)) / frames.std(0)
    found = features(read_wav(content, "x"), dataset.description)
    np.testing.assert_allclose(found, stacked(expected, STACK), atol=1e-3)


def test_a_seed_gives_the_same_rows_and_another_one_others(raw: Path, prepared: Any, tmp_path: Path) -> None:
    prepare(block(), raw, tmp_path / "again")
    assert PreparedDataset.open(tmp_path / "again").digest == prepared[0].digest
    prepare(block(seed=1), raw, tmp_path / "other")
    texts = [
        PreparedDataset.open(folder).split("train").rows()["references"].map(list).tolist()
        for folder in (tmp_path / "again", tmp_path / "other")
    ]
    assert texts[0] != texts[1]


def test_what_the_corpus_has_not_is_named(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"train\.parquet: new_speaker 'nobody' needs .* amina, boris"):
        prepare(block(new_speaker="nobody"), raw, tmp_path / "out")
    with pytest.raises(
        UserError, match=r"amina says 0 4 times; hold_out 4 leaves none to train on; lower it"
    ):
        prepare(block(hold_out=4), raw, tmp_path / "out")
    for name in ("train", "test"):
        table = pq.read_table(raw / f"{name}.parquet").to_pylist()
        table[3]["audio"]["bytes"] = b"noise"
        (tmp_path / "broken").mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pylist(table), tmp_path / f"broken/{name}.parquet")
    with pytest.raises(UserError, match=r"train\.parquet, row 3 \(from 0\), column audio: no WAV file"):
        prepare(block(), tmp_path / "broken", tmp_path / "out")
    pq.write_table(pa.table({"digit": [1]}), tmp_path / "broken/train.parquet")
    with pytest.raises(UserError, match=r"train\.parquet: has no column 'audio'; it has digit"):
        prepare(block(), tmp_path / "broken", tmp_path / "out")


def test_a_batch_is_padded_with_silence_of_no_consequence(prepared: Any) -> None:
    dataset, _ = prepared
    speech = Speech.read(dataset, "train")
    batch = SpeechBatches(speech)[np.array([7, 0, 13])]
    assert batch.frames.shape == (3, int(batch.frame_lengths.max()), MELS * STACK)
    for place, row in enumerate((7, 0, 13)):
        length = int(batch.frame_lengths[place])
        np.testing.assert_array_equal(batch.frames[place, :length], speech[row])
        assert not batch.frames[place, length:].any()
        line, words = batch.target[place].tolist(), int(batch.target_lengths[place])
        assert (line[0], line[words - 1]) == (BOS, EOS)
        assert line[1 : words - 1] == speech.transcripts[row].tolist()
        assert set(line[words:]) <= {PAD}
    assert batch.weight == pytest.approx(1 / (5 + 2 + 3))


@pytest.mark.parametrize("ranks", [2, 3, 7])
def test_ranks_share_a_batch(prepared: Any, ranks: int) -> None:
    speech, rows = Speech.read(prepared[0], "train"), np.array([4, 2, 0, 3, 1])
    whole = SpeechBatches(speech)[rows]
    parts = [SpeechBatches(speech, rank=rank, ranks=ranks)[rows] for rank in range(ranks)]
    real = [part for part in parts if part.weight]
    assert sorted(row for part in real for row in part.rows.tolist()) == [0, 1, 2, 3, 4]
    assert all(part.weight == pytest.approx(ranks * whole.weight) for part in real)
