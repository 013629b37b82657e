"""What the generated recordings promise: the digit can be heard, whoever says it."""

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from pipeline.config.schema.corpora import TonesCorpus
from pipeline.corpora import speech_digits
from pipeline.corpora.canonical import checked
from pipeline.corpora.embedded import tones
from pipeline.corpora.embedded.tones import PAIRS, SECONDS, SPEAKERS, TONES
from pipeline.sounds import RATE, read_wav

CORPUS = TonesCorpus(reader="tones", seed=3, recordings=7)


@pytest.fixture(scope="module")
def tables() -> dict[str, Any]:
    return {name: table.to_pylist() for name, table in tones.generate(CORPUS).items()}


def test_the_two_strongest_tones_are_the_digit(tables: dict[str, Any]) -> None:
    for line in (line for rows in tables.values() for line in rows):
        samples = read_wav(line["audio"]["bytes"], "recording")
        assert tones.heard(samples, line["speaker"]) == line["digit"]
        assert len(samples) == line["num_samples"]
        assert SECONDS[0] * RATE - 1 <= len(samples) <= SECONDS[1] * RATE + 1


def test_every_pair_of_tones_is_one_digit_and_no_pitch_turns_one_into_another() -> None:
    assert sorted(PAIRS) == sorted(set(PAIRS))
    assert len(PAIRS) == 10
    pitches = [pitch for pitch, _ in SPEAKERS.values()]
    for low, high in pairwise(TONES):
        assert low * max(pitches) < high * min(pitches)
    assert max(TONES) * max(pitches) < RATE / 2


def test_speakers_differ_in_pitch_and_loudness(tables: dict[str, Any]) -> None:
    peaks: dict[str, list[float]] = {}
    for line in tables["train"]:
        samples = read_wav(line["audio"]["bytes"], "recording")
        peaks.setdefault(line["speaker"], []).append(float(np.abs(samples).max()))
    for speaker, (_, loudness) in SPEAKERS.items():
        assert 0.4 * loudness < np.median(peaks[speaker]) < 1.1 * loudness


def test_every_speaker_says_every_digit_equally_often(tables: dict[str, Any]) -> None:
    for split, times in {"train": CORPUS.recordings - 5, "test": 5}.items():
        counts = Counter((line["digit"], line["speaker"]) for line in tables[split])
        assert counts == {(digit, speaker): times for digit in range(10) for speaker in SPEAKERS}


def test_no_recording_comes_twice_and_a_seed_gives_the_same_again(tables: dict[str, Any]) -> None:
    files = [line["audio"]["bytes"] for rows in tables.values() for line in rows]
    assert len(set(files)) == len(files)
    again = {name: table.to_pylist() for name, table in tones.generate(CORPUS).items()}
    assert again == tables
    other = tones.generate(CORPUS.model_copy(update={"seed": 4}))
    assert other["train"].to_pylist() != tables["train"]


def test_it_has_the_form_of_the_real_one() -> None:
    """Code below can't tell them apart."""
    real = {split.name: split for split in speech_digits.splits()}
    for split in tones.splits(CORPUS):
        assert split.schema == real[split.name].schema
        table = tones.generate(CORPUS)[split.name]
        assert checked(table, split, "twin").num_rows == split.rows
        assert set(table["digit"].to_pylist()) == real[split.name].values["digit"]
