"""Transcripts of speech."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from pipeline.bundle.load import Bundle
from pipeline.data.spoken import padded
from pipeline.evaluation.predict.searching import searcher
from pipeline.nn.captioner import Begun
from pipeline.search.protocol import Hypothesis
from pipeline.sounds import Frames


@dataclass(frozen=True)
class Transcript:
    """One transcript of one sound, and where the decoder listened."""

    text: str
    score: float
    """Length-normalised log-probability."""
    tokens: list[str]
    attention: npt.NDArray[np.float32] | None
    """(tokens, steps); None without attention."""


def transcribe(
    bundle: Bundle,
    sounds: Sequence[Frames],
    *,
    beam: int = 5,
    n_best: int = 1,
    length_normalisation: float = 1.0,
    longest: int = 12,
    batch_sounds: int = 64,
) -> list[list[Transcript]]:
    """Up to `n_best` transcripts of each sound, best first, in the sounds' order; at least one.

    A beam of one is greedy search.

    Args:
        sounds: (steps, features) each, as pipeline/data/features.py makes them of samples.
        length_normalisation: exponent a of log-probability / length^a.
        longest: most words of a transcript, its end counted.
        batch_sounds: sounds searched at a time, of about equal length.
    """
    search: dict[str, Any] = {"beam": beam, "n_best": n_best, "length_normalisation": length_normalisation}
    order = np.argsort([len(sound) for sound in sounds], kind="stable")
    found: list[list[Transcript]] = [[]] * len(sounds)
    for start in range(0, len(order), batch_sounds):
        rows = order[start : start + batch_sounds]
        begun = _begun(bundle, [sounds[row] for row in rows])
        limits = torch.full((len(rows),), longest)
        several = searcher(begun, **search)(*begun.places, limits)
        for row, hypotheses in zip(rows, several, strict=True):
            found[row] = [_transcript(bundle, each, len(sounds[row])) for each in hypotheses]
    return found


@torch.inference_mode()
def _begun(bundle: Bundle, sounds: Sequence[Frames]) -> Begun:
    network: Any = bundle.network
    device = next(network.parameters()).device
    frames, lengths = padded(sounds)
    return Begun(network.writer, network.begin(frames.to(device), lengths.to(device)))


def _transcript(bundle: Bundle, hypothesis: Hypothesis, steps: int) -> Transcript:
    tokenizer, looks = bundle.tokenizers["transcript"], hypothesis.attention
    return Transcript(
        text=tokenizer.decode(hypothesis.tokens),
        score=hypothesis.score,
        tokens=tokenizer.tokens(hypothesis.tokens),
        attention=None if looks is None else looks[:, :steps],
    )
