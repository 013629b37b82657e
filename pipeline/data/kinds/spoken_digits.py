"""Recordings of digits, joined to rows of one speaker's."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config.schema.datasets import SpokenDigits
from pipeline.data.features import standardised
from pipeline.data.kinds.base import path_of, statistics
from pipeline.data.speech import TRANSCRIPT, write_split
from pipeline.errors import UserError
from pipeline.files import write_json
from pipeline.sounds import HOP, RATE, Frames, log_mel, read_wav
from pipeline.text.tokenizer import Tokenizer

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
COLUMNS = ("audio", "digit", "speaker", "index")


@dataclass(frozen=True)
class Recording:
    """`frames`: (frames, mels); `digest`: of the sound file."""

    digit: int
    speaker: str
    index: int
    frames: Frames
    digest: str


Rows = list[list[int]]
"""Of each row the numbers of its recordings."""


class SpokenDigitsKind:
    def __init__(self, dataset: SpokenDigits) -> None:
        self._dataset = dataset

    def write(self, raw: Path, folder: Path) -> dict[str, Any]:
        """Writes the frames of every recording, the rows that are made of them, and their words.

        Returns:
            statistics: rows, recordings, speakers, minutes, tokens and lengths by split; rows that hold a
                recording of training's; vocabulary.

        Raises:
            UserError: a split, column, speaker or recording is missing, or a sound can't be read.
        """
        dataset = self._dataset
        parts = self._parts(raw)
        frames = np.concatenate([each.frames for each in parts["train"]])
        moments = {
            "mean": frames.mean(0, dtype=np.float64).tolist(),
            "scale": frames.std(0, dtype=np.float64).clip(1e-6).tolist(),
        }
        facts = {"mels": dataset.mels, "stack": dataset.stack, **moments}
        tokenizer = Tokenizer.train(
            WORDS, kind="word", vocabulary=len(WORDS) + 8, minimum_frequency=1, lowercase=True
        )
        (folder / f"{TRANSCRIPT}.tokenizer.json").write_text(tokenizer.to_json(), encoding="utf-8")
        known = {each.digest for each in parts["train"]}
        found: dict[str, Any] = {}
        overlaps = []
        for name, recordings in parts.items():
            rows = self._rows(name, recordings)
            texts = [" ".join(WORDS[recordings[number].digit] for number in row) for row in rows]
            ids = [np.array(each, dtype=np.uint16) for each in tokenizer.encode_batch(texts)]
            (folder / name).mkdir()
            write_split(folder / name, [standardised(each.frames, facts) for each in recordings], rows, ids)
            speakers = [recordings[row[0]].speaker for row in rows]
            pq.write_table(_table(texts, speakers), folder / name / "rows.parquet")
            found[name] = statistics(folder / name, [TRANSCRIPT]) | _sums(recordings, rows)
            if name != "train":
                shared = sum(any(recordings[number].digest in known for number in row) for row in rows)
                overlaps.append({"splits": ["train", name], "rows": shared})
        vocabulary = {TRANSCRIPT: tokenizer.size}
        description = {
            "kind": dataset.kind,
            "splits": {name: each["rows"] for name, each in found.items()},
            "tests": dataset.tests,
            "columns": [TRANSCRIPT],
            "vocabulary": vocabulary,
            "features": dataset.mels * dataset.stack,
        }
        write_json(folder / "dataset.json", description | facts)
        return {"splits": found, "vocabulary": vocabulary, "overlaps": overlaps}

    def _parts(self, raw: Path) -> dict[str, list[Recording]]:
        """Every split's recordings, by digit, speaker and index."""
        dataset = self._dataset
        train, test = (path_of(raw, name, "`corpus`") for name in ("train", "test"))
        given, tested = (sorted(self._read(path), key=_place) for path in (train, test))
        speakers = sorted({each.speaker for each in given})
        if dataset.new_speaker not in speakers or len(speakers) == 1:
            raise UserError(
                f"{train}: new_speaker {dataset.new_speaker!r} needs to be one of several speakers; "
                f"it has {', '.join(speakers)}"
            )
        validation = self._held_out(given, train)
        apart = {id(each) for each in validation}
        mine = [each for each in given if each.speaker != dataset.new_speaker and id(each) not in apart]
        return {
            "train": mine,
            "validation": validation,
            "new_speaker": [each for each in given + tested if each.speaker == dataset.new_speaker],
            "known_speakers": [each for each in tested if each.speaker != dataset.new_speaker],
        }

    def _held_out(self, given: Sequence[Recording], path: Path) -> list[Recording]:
        by_word: defaultdict[tuple[str, int], list[Recording]] = defaultdict(list)
        for each in given:
            if each.speaker != self._dataset.new_speaker:
                by_word[each.speaker, each.digit].append(each)
        held = self._dataset.hold_out
        for (speaker, digit), own in by_word.items():
            if len(own) <= held:
                raise UserError(
                    f"{path}: {speaker} says {digit} {len(own)} times; hold_out {held} leaves none to train "
                    "on; lower it"
                )
        return [each for own in by_word.values() for each in own[:held]]

    def _read(self, path: Path) -> Iterator[Recording]:
        table = pq.read_table(path)
        for column in COLUMNS:
            if column not in table.column_names:
                raise UserError(f"{path}: has no column {column!r}; it has {', '.join(table.column_names)}")
        for row, line in enumerate(table.select(list(COLUMNS)).to_pylist()):
            content = line["audio"]["bytes"]
            samples = read_wav(content, f"{path}, row {row} (from 0), column audio")
            frames = log_mel(samples, self._dataset.mels)
            digest = sha256(content).hexdigest()
            yield Recording(line["digit"], line["speaker"], line["index"], frames, digest)

    def _rows(self, split: str, recordings: Sequence[Recording]) -> Rows:
        """Speakers take turns, and so do rows of one digit, of two, …; no row has a recording twice."""
        sizes, digits = self._dataset.rows.model_dump(), self._dataset.digits
        draw = random.Random(f"{self._dataset.seed} {split}")
        by_speaker: defaultdict[str, list[int]] = defaultdict(list)
        for number, each in enumerate(recordings):
            by_speaker[each.speaker].append(number)
        pools = list(by_speaker.values())
        return [
            draw.sample(pools[row // digits % len(pools)], 1 + row % digits)
            for row in range(sizes.get(split, sizes["test"]))
        ]


def _place(recording: Recording) -> tuple[int, str, int]:
    return recording.digit, recording.speaker, recording.index


def _table(texts: list[str], speakers: list[str]) -> pa.Table:
    """references, and speaker and number of digits by which scores are told apart."""
    digits = [len(text.split()) for text in texts]
    return pa.table({"references": [[text] for text in texts], "speaker": speakers, "digits": digits})


def _sums(recordings: Sequence[Recording], rows: Rows) -> dict[str, Any]:
    frames = sum(len(recordings[number].frames) for row in rows for number in row)
    return {
        "recordings": len(recordings),
        "speakers": sorted({each.speaker for each in recordings}),
        "minutes": round(frames * HOP / RATE / 60, 2),
    }
