"""Transcripts -> the tables of one transcriber."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.speech import Speech
from pipeline.data.store import PreparedDataset
from pipeline.evaluation import transcript_baselines
from pipeline.evaluation.predict.transcripts import transcribe
from pipeline.evaluation.tables import Tables, score_rows, stacked, test_splits_first
from pipeline.images import jpeg
from pipeline.metrics.transcription import scores, wer
from pipeline.sounds import Frames

GREEDY = {"beam": 1, "n_best": 1}
KEPT = 12
"""Rows that are kept for the report, evenly spaced in the split."""
PIXELS = 3
"""A frame's and a band's, in a picture."""


def evaluate_bundle(bundle: Bundle, dataset: PreparedDataset, decoding: dict[str, Any]) -> Tables:
    """Scores and transcripts on every test split and on validation, word error rate by number of digits and
    by speaker; spectrograms of some rows of the first test split, and where a transcriber with attention
    listened.

    Args:
        decoding: the fields of `TranscriptDecoding` in pipeline/config/schema/transcription.py.
    """
    parts = [_split_tables(bundle, dataset, split, decoding) for split in test_splits_first(dataset)]
    return stacked([*parts, _kept(bundle, dataset, decoding)])


def evaluate_baseline(name: str, dataset: PreparedDataset, decoding: dict[str, Any]) -> Tables:
    """As `evaluate_bundle`, of a baseline made here; it searches nothing and listens nowhere."""
    rows = dataset.split("train").rows()
    answer = transcript_baselines.fit(
        name, Speech.read(dataset, "train"), _references(rows), rows["speaker"].tolist()
    )
    return stacked(
        [_scored(dataset, split, answer(_sounds(dataset, split))) for split in test_splits_first(dataset)]
    )


def _split_tables(bundle: Bundle, dataset: PreparedDataset, split: str, decoding: dict[str, Any]) -> Tables:
    sounds = _sounds(dataset, split)
    found = transcribe(bundle, sounds, **decoding)
    greedy = [best.text for (best,) in transcribe(bundle, sounds, **decoding | GREEDY)]
    tables = _scored(dataset, split, [ranked[0].text for ranked in found], greedy)
    tables["predictions"] = tables["predictions"].assign(
        score=[ranked[0].score for ranked in found],
        n_best=[[each.text for each in ranked] for ranked in found],
    )
    return tables


def _scored(
    dataset: PreparedDataset, split: str, transcripts: list[str], greedy: list[str] | None = None
) -> Tables:
    """Scores, predictions and error rates by group; `greedy`: what a search without a beam finds."""
    rows = dataset.split(split).rows()
    references = _references(rows)
    found = scores(transcripts, references)
    predictions = pd.DataFrame(
        {
            "split": split,
            "row": range(len(rows)),
            "hypothesis": transcripts,
            "references": [[reference] for reference in references],
            "speaker": rows["speaker"],
            "digits": rows["digits"],
        }
    )
    if greedy is not None:
        found["wer_greedy"] = wer(greedy, references)
        predictions["greedy"] = greedy
    return {
        "scores": score_rows(split, found),
        "predictions": predictions,
        "by_digits": _by(predictions, "digits"),
        "by_speaker": _by(predictions, "speaker"),
    }


def _by(predictions: pd.DataFrame, column: str) -> pd.DataFrame:
    """split, the column, rows, wer"""
    found = []
    for (split, value), own in predictions.groupby(["split", column]):
        said = [reference for (reference,) in own["references"]]
        error = wer(own["hypothesis"].tolist(), said).value
        found.append({"split": split, column: value, "rows": len(own), "wer": error})
    return pd.DataFrame(found)


def _kept(bundle: Bundle, dataset: PreparedDataset, decoding: dict[str, Any]) -> Tables:
    """pictures: row, picture (a JPEG file); looks: row, tokens, rows (1), columns (steps), weights (flat)."""
    split = test_splits_first(dataset)[0]
    sounds = _sounds(dataset, split)
    rows = np.unique(np.linspace(0, len(sounds) - 1, KEPT).round().astype(int))
    pictures = [spectrogram(sounds[row], dataset.description["mels"]) for row in rows]
    tables = {"pictures": pd.DataFrame({"split": split, "row": rows, "picture": pictures})}
    best = [ranked[0] for ranked in transcribe(bundle, [sounds[row] for row in rows], **decoding)]
    looks = [
        {
            "split": split,
            "row": row,
            "tokens": each.tokens,
            "rows": 1,
            "columns": each.attention.shape[1],
            "weights": each.attention.ravel(),
        }
        for row, each in zip(rows, best, strict=True)
        if each.attention is not None
    ]
    return tables | {"looks": pd.DataFrame(looks)} if looks else tables


def spectrogram(sound: Frames, mels: int) -> bytes:
    """A picture of a sound's steps: time to the right, low bands below, the darker the louder."""
    frames = sound.reshape(-1, mels)
    shades = (255 * (0.9 - (frames + 2) / 5).clip(0, 1)).astype(np.uint8).T[::-1]
    large = shades.repeat(PIXELS, 0).repeat(PIXELS, 1)
    return jpeg(np.repeat(large[:, :, None], 3, axis=2))


def _sounds(dataset: PreparedDataset, split: str) -> list[Frames]:
    speech = Speech.read(dataset, split)
    return [speech[row] for row in range(len(speech))]


def _references(rows: pd.DataFrame) -> list[str]:
    return [str(reference) for (reference,) in rows["references"]]
