"""Ratings of texts."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from pipeline.bundle.load import Bundle
from pipeline.data.batches import plan, shortened
from pipeline.data.store import Ids
from pipeline.data.texts import laid_out, read_lengths
from pipeline.evaluation.predict.rows import encoded, lengths_of

Numbers = npt.NDArray[np.float32]


class Ratings(NamedTuple):
    """As `Rated` of pipeline/nn/rating_heads.py: (N,), and (N, L) or None."""

    stars: Numbers
    probabilities: Numbers | None


def rate(bundle: Bundle, texts: Sequence[str], *, batch_tokens: int = 16384) -> Ratings:
    """Ratings of raw texts, in the texts' order.

    A text without a known word gets an answer too. Longer texts are cut as in training.
    """
    return rate_ids(bundle, encoded(bundle.tokenizers["text"], texts), batch_tokens=batch_tokens)


@torch.inference_mode()
def rate_ids(bundle: Bundle, texts: Sequence[Ids], *, batch_tokens: int = 16384) -> Ratings:
    """As `rate`, of token ids."""
    data = bundle.description["data"]
    layout = data["max_tokens"], data["padding"]
    texts = [shortened(ids, data["max_tokens"], data["keep"]) for ids in texts]
    count, levels = len(texts), len(bundle.description["levels"])
    found = Ratings(*(np.empty(shape, dtype=np.float32) for shape in (count, (count, levels))))
    device = next(bundle.network.parameters()).device
    is_distribution = bundle.description["model"]["head"] != "regression"
    for rows in plan(read_lengths(lengths_of(texts), *layout), budget=batch_tokens, rng=None):
        tokens, lengths = laid_out([texts[row] for row in rows], *layout)
        rated = bundle.network.head.rated(bundle.network(tokens.to(device), lengths.to(device)))  # type: ignore[union-attr,operator]
        for numbers, part in zip(found, rated, strict=True):
            if numbers is not None and part is not None:
                numbers[rows] = part.cpu().numpy()
    return found if is_distribution else found._replace(probabilities=None)
