"""Words by a rule that anyone can count by: runs of a-z and 0-9, and every other character alone.

For studies that fix a text's length beforehand. `pipeline/text/tokenizer.py` reads all scripts; this doesn't.
"""

import re
from collections.abc import Iterable

import tokenizers
from tokenizers import Regex, models, normalizers, pre_tokenizers, trainers

from pipeline.text.tokenizer import SPECIAL, UNK, Tokenizer

RULE = r"[a-z0-9]+(?:'[a-z]+)?|[^\sa-z0-9]"
"""Of a text in small letters whose line breaks (`<br />`) are blanks."""


def count(text: str) -> int:
    """Tokens of a text, as the tokenizer counts them."""
    return len(re.findall(RULE, text.lower().replace("<br />", " ")))


def train_ascii_words(texts: Iterable[str], *, vocabulary: int, minimum_frequency: int) -> Tokenizer:
    """A tokenizer with one type per word."""
    inner = tokenizers.Tokenizer(models.WordLevel(unk_token=SPECIAL[UNK]))
    inner.normalizer = normalizers.Sequence(  # type: ignore[assignment]
        [normalizers.Lowercase(), normalizers.Replace("<br />", " ")]
    )
    inner.pre_tokenizer = pre_tokenizers.Split(Regex(RULE), behavior="removed", invert=True)  # type: ignore[assignment]
    trainer = trainers.WordLevelTrainer(
        vocab_size=vocabulary,
        min_frequency=minimum_frequency,
        special_tokens=SPECIAL,
        show_progress=False,
    )
    inner.train_from_iterator(texts, trainer=trainer)
    return Tokenizer(inner)
