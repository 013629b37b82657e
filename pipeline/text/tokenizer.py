"""Word and byte-pair tokenizers (Sennrich 2016) on the `tokenizers` library, normalisation included.

A tokenizer is one JSON text: whoever holds it turns raw text into the ids that a model was trained on.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Self

import tokenizers
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, trainers

from pipeline.errors import UserError

PAD, UNK, BOS, EOS = 0, 1, 2, 3
SPECIAL = ["<pad>", "<unk>", "<s>", "</s>"]
SPACE = "\u2581"
"""Stands for the blank before a word (as in SentencePiece, Kudo 2018), so that decoding is exact."""


class Tokenizer:
    """Raw text <-> ids. Adds no start or end symbols: who builds a batch does."""

    def __init__(self, inner: tokenizers.Tokenizer) -> None:
        self._inner = inner

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        *,
        kind: Literal["word", "bpe"],
        vocabulary: int,
        minimum_frequency: int,
        lowercase: bool,
    ) -> Self:
        """Learns at most `vocabulary` types, special ones included, that occur `minimum_frequency` times."""
        settings: dict[str, Any] = {
            "vocab_size": vocabulary,
            "min_frequency": minimum_frequency,
            "special_tokens": SPECIAL,
            "show_progress": False,
        }
        blank = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
        if kind == "word":
            inner = tokenizers.Tokenizer(models.WordLevel(unk_token=SPECIAL[UNK]))
            trainer: Any = trainers.WordLevelTrainer(**settings)
            # Words keep inner apostrophes; every other mark stands alone.
            words = Regex("[\\w\\p{M}]+(?:['\u2019][\\w\\p{M}]+)*|[^\\w\\s\\p{M}]")
            inner.pre_tokenizer = pre_tokenizers.Split(words, behavior="removed", invert=True)  # type: ignore[assignment]
        else:
            inner = tokenizers.Tokenizer(models.BPE(unk_token=SPECIAL[UNK]))
            # Without a limit every character of the training text gets in, however many there are.
            trainer = trainers.BpeTrainer(**settings, limit_alphabet=vocabulary - len(SPECIAL))
            inner.pre_tokenizer = pre_tokenizers.Sequence(  # type: ignore[assignment]
                [blank, pre_tokenizers.Punctuation("isolated")]
            )
            inner.decoder = decoders.Metaspace(replacement=SPACE, prepend_scheme="always")  # type: ignore[assignment]
        inner.normalizer = _normalizer(lowercase)  # type: ignore[assignment]
        inner.train_from_iterator(texts, trainer=trainer)
        return cls(inner)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises UserError when `text` isn't a tokenizer."""
        try:
            return cls(tokenizers.Tokenizer.from_str(text))
        except Exception as error:  # the library raises bare Exception
            raise UserError(
                f"tokenizer: not readable ({error}); take the file that came with the model"
            ) from None

    def to_json(self) -> str:
        return self._inner.to_str()

    @property
    def size(self) -> int:
        """Number of types, special ones included."""
        return self._inner.get_vocab_size()

    def encode(self, text: str) -> list[int]:
        return self._inner.encode(text, add_special_tokens=False).ids

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        encodings = self._inner.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    def decode(self, ids: Sequence[int]) -> str:
        """Text of the ids, special tokens dropped (an unknown word is not one of them: it is `<unk>`)."""
        kept = [i for i in ids if i not in (PAD, BOS, EOS)]
        return self._inner.decode(kept, skip_special_tokens=False).strip()

    def tokens(self, ids: Sequence[int]) -> list[str]:
        """The piece of each id, as a person reads it."""
        return [self._inner.id_to_token(i) or SPECIAL[UNK] for i in ids]


def _normalizer(lowercase: bool) -> normalizers.Normalizer:
    steps: list[Any] = [
        normalizers.NFC(),
        normalizers.Replace(Regex(r"<br\s*/?>"), " "),
        normalizers.Replace("&amp;", "&"),
        # Control characters, every kind of white space and our own mark for it become one blank.
        normalizers.Replace(Regex(rf"[\s\p{{Cc}}{SPACE}]+"), " "),
        normalizers.Strip(),
    ]
    return normalizers.Sequence([*steps, normalizers.Lowercase()] if lowercase else steps)
