"""A sentence in, one tag per word out."""

from typing import Unpack

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.nn.crf import LinearChain
from pipeline.nn.dropout import Dropout
from pipeline.nn.embedding import build_embedding
from pipeline.nn.masks import real_mask
from pipeline.nn.recurrent import Recurrent, RecurrentOptions

PADDING, UNKNOWN = 0, 1
"""Ids of padding, in words and in characters, and of a word that the tokenizer does not know."""
LETTER = 32
"""Size of a character's vector."""


class Tagger(nn.Module):
    """Word vectors beside spelled words, recurrent layers, a score per tag and word.

    Ling et al. 2015 (spelling by a bidirectional LSTM), Huang et al. 2015 (tagging with and without the
    chain on top).
    """

    def __init__(
        self,
        *,
        words: int,
        letters: int,
        tags: int,
        embedding: int = 100,
        characters: int = 50,
        hidden: int = 128,
        bidirectional: bool = True,
        crf: bool = False,
        dropout: float = 0.0,
        word_dropout: float = 0.0,
        **recurrent: Unpack[RecurrentOptions],
    ) -> None:
        """`words`, `letters`: vocabulary sizes; `characters`: units that spell a word, 0 for none.

        `word_dropout` is the share of words that training reads by their spelling alone.
        """
        super().__init__()
        self.word_dropout = word_dropout
        self.embedding = build_embedding(words, embedding)
        self.letters: nn.Embedding | None = None
        if characters:
            self.letters = build_embedding(letters, LETTER)
            self.spelling = Recurrent(input_size=LETTER, hidden_size=characters // 2, bidirectional=True)
        self.recurrent = Recurrent(
            input_size=embedding + characters,
            hidden_size=hidden,
            bidirectional=bidirectional,
            dropout=dropout,
            **recurrent,
        )
        self.dropout = Dropout(dropout, per_sequence=self.recurrent.per_sequence)
        self.output = nn.Linear(self.recurrent.output_size, tags)
        self.chain = LinearChain(tags) if crf else None

    def forward(
        self, words: Int[Tensor, "B S"], characters: Int[Tensor, "B S C"], lengths: Int[Tensor, "B"]
    ) -> Float[Tensor, "B S G"]:
        """A score for every word and tag, in float32 at least."""
        read = words
        if self.training and self.word_dropout:
            dropped = torch.rand(words.shape, device=words.device) < self.word_dropout
            read = words.masked_fill(dropped, UNKNOWN)
        inputs = self.embedding(read)
        if self.letters is not None:
            inputs = torch.cat((inputs, self._spelled(self.letters, characters, lengths)), -1)
        outputs, _ = self.recurrent(self.dropout(inputs, steps=1), lengths)
        scores: Tensor = self.output(self.dropout(outputs, steps=1))
        return scores.to(torch.promote_types(scores.dtype, torch.float32))

    def loss(
        self,
        words: Int[Tensor, "B S"],
        characters: Int[Tensor, "B S C"],
        lengths: Int[Tensor, "B"],
        tags: Int[Tensor, "B S"],
        *,
        label_smoothing: float = 0.0,
    ) -> Float[Tensor, ""]:
        """Sum over the words of the negative log-likelihood of their tags, in nats.

        Label smoothing is for tags that are chosen each for itself: a chain has none.
        """
        scores, mask = self(words, characters, lengths), real_mask(lengths, words.shape[1])
        if self.chain is not None:
            likelihoods: Tensor = self.chain(scores, tags, mask)
            return likelihoods.sum()
        return F.cross_entropy(scores[mask], tags[mask], label_smoothing=label_smoothing, reduction="sum")

    def tag(
        self, words: Int[Tensor, "B S"], characters: Int[Tensor, "B S C"], lengths: Int[Tensor, "B"]
    ) -> Int[Tensor, "B S"]:
        """The best tags; 0 at padding."""
        scores: Tensor = self(words, characters, lengths)
        mask = real_mask(lengths, words.shape[1])
        return scores.argmax(-1) * mask if self.chain is None else self.chain.decode(scores, mask)

    def _spelled(
        self, letters: nn.Embedding, characters: Int[Tensor, "B S C"], lengths: Int[Tensor, "B"]
    ) -> Float[Tensor, "B S U"]:
        """What the spelling's two directions end with, of each real word once; zero at padding."""
        mask = real_mask(lengths, characters.shape[1])
        distinct, places = characters[mask].unique(dim=0, return_inverse=True)
        sizes = (distinct != PADDING).sum(1)
        distinct = distinct[:, : int(sizes.max())]
        _, final = self.spelling(self.dropout(letters(distinct.t()), steps=0).transpose(0, 1), sizes)
        spelled = final[0][-1]
        rows: Tensor = spelled.new_zeros(*mask.shape, spelled.shape[1])
        rows[mask] = spelled[places]
        return rows
