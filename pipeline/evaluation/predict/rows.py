"""Texts -> padded rows on the bundle's device."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from pipeline.bundle.load import Bundle
from pipeline.data.batches import pad
from pipeline.data.store import Ids, Index
from pipeline.text.tokenizer import Tokenizer


def encoded(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Ids]:
    """Token ids of each text."""
    return [np.array(ids, dtype=np.uint16) for ids in tokenizer.encode_batch(texts)]


def lengths_of(texts: Sequence[Ids]) -> Index:
    return np.array([len(ids) for ids in texts], dtype=np.int64)


def padded(bundle: Bundle, rows: list[Ids]) -> tuple[Tensor, Tensor]:
    device = next(bundle.network.parameters()).device
    tokens, lengths = pad(rows)
    return tokens.to(device), lengths.to(device)
