"""Generated recordings of digits: of five tones each digit is two, sounded together.

A speaker is a pitch, which all five tones are multiplied by, and a loudness. Neighbouring tones are further
apart than any two speakers, so that a digit can be told whoever says it; recordings differ in length, in the
tones' balance and in noise.
"""

from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.config.schema.corpora import TonesCorpus
from pipeline.corpora.canonical import Split
from pipeline.corpora.spoken import SCHEMA, TESTED, name_of
from pipeline.sounds import RATE, Samples, wav

TONES = tuple(400 * 1.5**step for step in range(5))
"""Hertz, at pitch 1."""
PAIRS = tuple(combinations(range(len(TONES)), 2))
"""Of each digit, 0 to 9."""
SPEAKERS = {
    "amina": (0.94, 0.6),
    "boris": (1.0, 0.05),
    "carla": (1.06, 0.25),
    "dimo": (0.88, 0.9),
    "elif": (1.12, 0.03),
}
"""Pitch and loudness."""
SECONDS = (0.12, 0.3)
BALANCE = (0.5, 1.0)
"""Of a tone's amplitude."""
EDGE, NOISE = 0.03, 0.02
"""Seconds in which a recording swells and fades; noise beside the sound, by amplitude."""


def splits(corpus: TonesCorpus) -> list[Split]:
    own = len(PAIRS) * len(SPEAKERS)
    sizes = {"train": own * (corpus.recordings - TESTED), "test": own * TESTED}
    return [Split(name, SCHEMA, rows) for name, rows in sizes.items()]


def generate(corpus: TonesCorpus) -> dict[str, pa.Table]:
    rng = np.random.default_rng(corpus.seed)
    rows = [
        _row(digit, speaker, index, rng)
        for digit in range(len(PAIRS))
        for speaker in SPEAKERS
        for index in range(corpus.recordings)
    ]
    tested = [row for row in rows if row["index"] < TESTED]
    rest = [row for row in rows if row["index"] >= TESTED]
    return {name: pa.Table.from_pylist(own, SCHEMA) for name, own in (("train", rest), ("test", tested))}


def _row(digit: int, speaker: str, index: int, rng: np.random.Generator) -> dict[str, Any]:
    samples = say(digit, speaker, rng)
    return {
        "audio": {"bytes": wav(samples), "path": name_of(digit, speaker, index)},
        "digit": digit,
        "speaker": speaker,
        "index": index,
        "num_samples": len(samples),
    }


def say(digit: int, speaker: str, rng: np.random.Generator) -> Samples:
    """One recording."""
    pitch, loudness = SPEAKERS[speaker]
    time = np.arange(round(rng.uniform(*SECONDS) * RATE)) / RATE
    tones = [
        rng.uniform(*BALANCE) * np.sin(2 * np.pi * (pitch * TONES[tone] * time + rng.uniform()))
        for tone in PAIRS[digit]
    ]
    swell = np.minimum(1, np.minimum(time, time[::-1]) / EDGE)
    sound = swell * np.sum(tones, 0) / 2 + NOISE * rng.standard_normal(len(time))
    samples: Samples = (loudness * sound).clip(-1, 1).astype(np.float32)
    return samples


def heard(samples: Samples, speaker: str) -> int:
    """The digit of a recording: its two strongest tones."""
    spectrum = np.abs(np.fft.rfft(samples))
    places = [round(SPEAKERS[speaker][0] * tone * len(samples) / RATE) for tone in TONES]
    power = [spectrum[place - 2 : place + 3].max() for place in places]
    first, second = sorted(np.argsort(power)[-2:].tolist())
    return PAIRS.index((first, second))
