"""Words that stand between blanks, as a corpus has told them apart itself."""

from collections.abc import Iterable
from typing import Any

import tokenizers
from tokenizers import models, normalizers, pre_tokenizers, trainers

from pipeline.text.tokenizer import SPECIAL, UNK, Tokenizer


def train_spaced(
    texts: Iterable[str], *, vocabulary: int, minimum_frequency: int, lowercase: bool
) -> Tokenizer:
    """A tokenizer with one type per word. A corpus's own `<unk>` is the unknown word."""
    steps: list[Any] = [normalizers.NFC(), *([normalizers.Lowercase()] if lowercase else [])]
    inner = tokenizers.Tokenizer(models.WordLevel(unk_token=SPECIAL[UNK]))
    inner.normalizer = normalizers.Sequence(steps)  # type: ignore[assignment]
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()  # type: ignore[assignment]
    trainer = trainers.WordLevelTrainer(
        vocab_size=vocabulary,
        min_frequency=minimum_frequency,
        special_tokens=SPECIAL,
        show_progress=False,
    )
    # The trainer would number a special token again that stands in a text.
    words = (" ".join(word for word in text.split() if word not in SPECIAL) for text in texts)
    inner.train_from_iterator(words, trainer=trainer)
    return Tokenizer(inner)
