"""Recordings of single spoken digits: what speech_digits and its generated twin have in common."""

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("audio", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        ("digit", pa.int64()),
        ("speaker", pa.string()),
        ("index", pa.int64()),
        ("num_samples", pa.int64()),
    ]
)
"""`audio`: a WAV file of 16 bits and its name; `index`: which of a speaker's recordings of the digit."""
TESTED = 5
"""Recordings of each digit and speaker, the first ones, are the test split's."""


def name_of(digit: int, speaker: str, index: int) -> str:
    return f"{digit}_{speaker}_{index}.wav"
