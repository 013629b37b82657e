"""Tags of words."""

from collections.abc import Sequence

import numpy as np
import torch

from pipeline.bundle.load import Bundle
from pipeline.data.batches import pad, plan
from pipeline.data.store import Ids
from pipeline.data.tagged import padded_spelling
from pipeline.text.words import spelled, split_words, word_ids


def tag(bundle: Bundle, texts: Sequence[str]) -> list[list[tuple[str, str]]]:
    """Words of each raw text with their tags, in the texts' order; none of a text without words."""
    sentences = [split_words(text) for text in texts]
    found = tag_words(bundle, sentences)
    return [list(zip(words, tags, strict=True)) for words, tags in zip(sentences, found, strict=True)]


def tag_words(bundle: Bundle, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
    """The tags of sentences whose words are known."""
    words = [word_ids(bundle.tokenizers["words"], sentence) for sentence in sentences]
    characters = [spelled(bundle.tokenizers["characters"], sentence).ravel() for sentence in sentences]
    return tag_ids(bundle, words, characters)


@torch.inference_mode()
def tag_ids(
    bundle: Bundle, words: Sequence[Ids], characters: Sequence[Ids], *, batch_tokens: int = 16384
) -> list[list[str]]:
    """As `tag_words`, of token ids and of flat spellings."""
    device = next(bundle.network.parameters()).device
    names = bundle.description["tags"]
    found: list[list[str]] = [[] for _ in words]
    lengths = np.array([len(ids) for ids in words], dtype=np.int64)
    order = np.flatnonzero(lengths)
    for places in plan(lengths[order], budget=batch_tokens, rng=None):
        rows = order[places]
        padded, sizes = pad([words[row] for row in rows])
        spelling = padded_spelling([characters[row] for row in rows], sizes)
        tags = bundle.network.tag(padded.to(device), spelling.to(device), sizes.to(device)).tolist()  # type: ignore[operator]
        for row, size, numbers in zip(rows, sizes.tolist(), tags, strict=True):
            found[row] = [names[number] for number in numbers[:size]]
    return found
