"""Words that a corpus has told apart itself, and the characters that spell them."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tokenizers
from tokenizers import Regex, models, normalizers, pre_tokenizers, trainers

from pipeline.text.tokenizer import PAD, SPECIAL, UNK, Tokenizer

SPELLING = 20
"""Characters of a word that are read: of a longer one the first and the last ten."""
HEAD = SPELLING // 2
APOSTROPHE = "['\u2019]"
RAW = "|".join(
    [
        rf"(?i:n{APOSTROPHE}t|{APOSTROPHE}(?:s|m|d|re|ve|ll))\b",
        r"\d+(?:[.,:]\d+)*",
        r"(?:\p{L}\.){2,}",
        rf"(?:(?!(?i:n{APOSTROPHE}t)\b)[\w\p{{M}}])+",
        r"[^\w\s\p{M}]",
    ]
)
"""Words of raw text in the manner of the Penn and the universal treebanks: do|n't, Ann|'s, U.S."""


def split_words(text: str) -> list[str]:
    """Words and marks of a raw text."""
    cutter = pre_tokenizers.Split(Regex(RAW), behavior="removed", invert=True)
    return [word for word, _ in cutter.pre_tokenize_str(text)]


def train_words(
    words: Iterable[str], *, vocabulary: int, minimum_frequency: int, lowercase: bool
) -> Tokenizer:
    """A tokenizer with one type per word; each text given to it is one word."""
    steps: list[Any] = [normalizers.NFC(), *([normalizers.Lowercase()] if lowercase else [])]
    inner = tokenizers.Tokenizer(models.WordLevel(unk_token=SPECIAL[UNK]))
    inner.normalizer = normalizers.Sequence(steps)  # type: ignore[assignment]
    trainer = trainers.WordLevelTrainer(
        vocab_size=vocabulary,
        min_frequency=minimum_frequency,
        special_tokens=SPECIAL,
        show_progress=False,
    )
    inner.train_from_iterator(words, trainer=trainer)
    return Tokenizer(inner)


def train_characters(words: Iterable[str]) -> Tokenizer:
    """A tokenizer with one type per character that occurs twice."""
    inner = tokenizers.Tokenizer(models.WordLevel(unk_token=SPECIAL[UNK]))
    inner.normalizer = normalizers.NFC()  # type: ignore[assignment]
    inner.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")  # type: ignore[assignment]
    trainer = trainers.WordLevelTrainer(min_frequency=2, special_tokens=SPECIAL, show_progress=False)
    inner.train_from_iterator(words, trainer=trainer)
    return Tokenizer(inner)


def word_ids(tokenizer: Tokenizer, words: Sequence[str]) -> npt.NDArray[np.uint16]:
    """One id per word, (n,)."""
    return np.array([ids[0] if ids else UNK for ids in tokenizer.encode_batch(words)], dtype=np.uint16)


def spelled(tokenizer: Tokenizer, words: Sequence[str]) -> npt.NDArray[np.uint16]:
    """Ids of each word's characters, (n, SPELLING), PAD behind; a word has at least one."""
    rows = np.full((len(words), SPELLING), PAD, dtype=np.uint16)
    for row, ids in zip(rows, tokenizer.encode_batch(words), strict=True):
        kept = ids if len(ids) <= SPELLING else ids[:HEAD] + ids[-HEAD:]
        row[: max(len(kept), 1)] = kept or UNK
    return rows
