"""A running text in, the probability of each next word out."""

from dataclasses import dataclass
from typing import Self, Unpack

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.nn.dropout import LEVELS, Dropout, keep_mask
from pipeline.nn.embedding import build_embedding
from pipeline.nn.loss import linear_cross_entropy, log_softmax
from pipeline.nn.recurrent import FinalState, Recurrent, RecurrentOptions

NOTHING = 0
"""The tokenizer's id of padding: as a target, none."""
UNSAID = (0, 2)
"""The tokenizer's ids of what stands in no text, padding and start of sentence."""
SHUT = -1e4
"""A logit whose probability is exactly 0 in every precision."""


@dataclass(frozen=True)
class Reading:
    """What a search carries. `recurrent`: parts L N H. `unread`: a token (N,) that comes before the search's
    own first one."""

    recurrent: FinalState
    unread: Int[Tensor, "N"] | None

    def select(self, indices: Int[Tensor, "M"]) -> Self:
        unread = None if self.unread is None else self.unread[indices]
        return type(self)(tuple(part[:, indices] for part in self.recurrent), unread)


class LanguageModel(nn.Module):
    """Embedding, recurrent layers, an output layer (Mikolov et al. 2010; Zaremba et al. 2014)."""

    def __init__(
        self,
        *,
        vocabulary: int,
        embedding: int = 200,
        hidden: int = 200,
        tied_embeddings: bool = False,
        dropout: float = 0.0,
        word_dropout: float = 0.0,
        **recurrent: Unpack[RecurrentOptions],
    ) -> None:
        """
        Args:
            tied_embeddings: one matrix for embedding and output layer (Press and Wolf 2017).
            dropout: of units, of what each layer reads and of what the output layer reads; with recurrent
                dropout `sequence` by one mask for all steps of a window.
            word_dropout: share of the word types that a row's window reads as zero vectors, all others
                scaled up (Gal and Ghahramani 2016, section 4.2).
        """
        super().__init__()
        if tied_embeddings and embedding != hidden:
            raise ValueError(f"tied embeddings: embedding {embedding} and hidden {hidden} differ")
        self.word_dropout = word_dropout
        self.embedding = build_embedding(vocabulary, embedding)
        self.recurrent = Recurrent(input_size=embedding, hidden_size=hidden, dropout=dropout, **recurrent)
        self.dropout = Dropout(dropout, per_sequence=self.recurrent.per_sequence)
        self.output = nn.Linear(hidden, vocabulary)
        nn.init.zeros_(self.output.bias)
        if tied_embeddings:
            self.output.weight = self.embedding.weight
        unsaid = torch.zeros(vocabulary)
        unsaid[list(UNSAID)] = SHUT
        self.register_buffer("unsaid", unsaid, persistent=False)
        self.unsaid: Tensor

    def forward(
        self, tokens: Int[Tensor, "B S"], state: FinalState | None = None
    ) -> tuple[Float[Tensor, "B S H"], FinalState]:
        """What the output layer reads after each token, and the state after the last.

        `state` is the state before the first token, each part L B H; None where a text begins.
        """
        steps = self.embedding(tokens)
        if self.training and self.word_dropout:
            kept = keep_mask((len(tokens), len(self.unsaid)), self.word_dropout, tokens.device)
            scale = LEVELS / (LEVELS - round(self.word_dropout * LEVELS))
            steps = steps * (kept.gather(1, tokens).to(steps.dtype) * scale).unsqueeze(-1)
        outputs, final = self.recurrent(self.dropout(steps, steps=1), initial=state)
        return self.dropout(outputs, steps=1), final

    def loss(
        self, tokens: Int[Tensor, "B S"], targets: Int[Tensor, "B S"], state: FinalState | None = None
    ) -> tuple[Float[Tensor, ""], FinalState]:
        """Sum of the targets' negative log-likelihoods, and the state after the last token, detached."""
        outputs, final = self(tokens, state)
        real = targets != NOTHING
        bias = self.output.bias + self.unsaid
        total, _ = linear_cross_entropy(outputs[real], self.output.weight, bias, targets[real])
        return total, tuple(part.detach() for part in final)

    def log_probabilities(
        self, tokens: Int[Tensor, "B S"], targets: Int[Tensor, "B S"], state: FinalState | None = None
    ) -> tuple[Float[Tensor, "B S"], FinalState]:
        """Of each target after the tokens before it, and the state after the last token."""
        outputs, final = self(tokens, state)
        return self._next(outputs).gather(-1, targets.unsqueeze(-1)).squeeze(-1), final

    def init_state(self, source: Int[Tensor, "B S"], source_lengths: Int[Tensor, "B"]) -> Reading:
        """After all tokens of each row but its last, which the first step reads; a row has at least one."""
        rows = torch.arange(len(source), device=source.device)
        _, read = self.recurrent(self.embedding(source), (source_lengths - 1).clamp(min=1))
        begun = source_lengths > 1
        recurrent = tuple(part * begun.to(part.dtype).view(1, -1, 1) for part in read)
        return Reading(recurrent, source[rows, source_lengths - 1])

    def step(self, tokens: Int[Tensor, "N"], state: Reading) -> tuple[Float[Tensor, "N V"], Reading, None]:
        """As pipeline/search/protocol.py has it, but at first the source's last tokens are read."""
        read = tokens if state.unread is None else state.unread
        outputs, final = self(read.unsqueeze(1), state.recurrent)
        return self._next(outputs[:, 0]), Reading(final, None), None

    def _next(self, outputs: Float[Tensor, "*B H"]) -> Float[Tensor, "*B V"]:
        """Log-probabilities of every next token."""
        return log_softmax(F.linear(outputs, self.output.weight, self.output.bias + self.unsaid))
