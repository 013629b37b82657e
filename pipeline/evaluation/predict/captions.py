"""Captions of pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from pipeline.bundle.load import Bundle
from pipeline.evaluation.predict.searching import searcher
from pipeline.images import Pixels
from pipeline.nn.captioner import Begun
from pipeline.search.protocol import Hypothesis


@dataclass(frozen=True)
class Caption:
    """One caption of one picture, and where the decoder looked."""

    text: str
    score: float
    """Length-normalised log-probability."""
    tokens: list[str]
    attention: npt.NDArray[np.float32] | None
    """(tokens, rows, columns) weights over the picture's places; None without attention."""


def caption(
    bundle: Bundle,
    pictures: Pixels | Sequence[Pixels],
    *,
    beam: int = 5,
    n_best: int = 1,
    length_normalisation: float = 1.0,
    longest: int = 30,
    batch_pictures: int = 64,
) -> list[list[Caption]]:
    """Up to `n_best` captions of each picture, best first, in the pictures' order; at least one.

    A beam of one is greedy search.

    Args:
        pictures: (n, side, side, 3), of the side that the bundle reads.
        length_normalisation: exponent a of log-probability / length^a.
        longest: most tokens of a caption.
        batch_pictures: pictures searched at a time.
    """
    device = next(bundle.network.parameters()).device
    search: dict[str, Any] = {"beam": beam, "n_best": n_best, "length_normalisation": length_normalisation}
    found: list[list[Hypothesis]] = []
    for start in range(0, len(pictures), batch_pictures):
        some = np.asarray(pictures[start : start + batch_pictures])
        begun = _begun(bundle, torch.tensor(some, device=device))
        limits = torch.full((len(some),), longest)
        found += searcher(begun, **search)(*begun.places, limits)
    tokenizer = bundle.tokenizers["caption"]
    return [
        [
            Caption(
                text=tokenizer.decode(each.tokens),
                score=each.score,
                tokens=tokenizer.tokens(each.tokens),
                attention=_on_picture(bundle, each.attention),
            )
            for each in hypotheses
        ]
        for hypotheses in found
    ]


@torch.inference_mode()
def _begun(bundle: Bundle, pictures: torch.Tensor) -> Begun:
    network: Any = bundle.network
    return Begun(network.writer, network.begin(pictures.permute(0, 3, 1, 2)))


def _on_picture(bundle: Bundle, weights: npt.NDArray[np.float32] | None) -> npt.NDArray[np.float32] | None:
    """(tokens, places) -> (tokens, rows, columns); the places are a square."""
    if weights is None:
        return None
    side = round(weights.shape[1] ** 0.5)
    return weights.reshape(len(weights), side, side)
