"""Symbols and numbers in, at every step a symbol or number out that may depend on all before it."""

from typing import Unpack

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pipeline.nn.dropout import Dropout
from pipeline.nn.embedding import build_embedding
from pipeline.nn.recurrent import Recurrent, RecurrentOptions


class Recaller(nn.Module):
    """Embedded symbols beside their numbers, recurrent layers, and a linear layer at every step.

    The answer hangs on the state alone, so what it gets right shows what the state has kept (Hochreiter &
    Schmidhuber 1997, section 5).
    """

    def __init__(
        self,
        *,
        symbols: int,
        outputs: int,
        embedding: int = 16,
        hidden: int = 64,
        dropout: float = 0.0,
        **recurrent: Unpack[RecurrentOptions],
    ) -> None:
        """`symbols`: how many there are; `outputs`: scores of an answer, 1 for a number."""
        super().__init__()
        self.embedding = build_embedding(symbols, embedding)
        self.recurrent = Recurrent(input_size=embedding + 1, hidden_size=hidden, dropout=dropout, **recurrent)
        self.dropout = Dropout(dropout, per_sequence=self.recurrent.per_sequence)
        self.output = nn.Linear(hidden, outputs)

    def forward(
        self, symbols: Int[Tensor, "B S"], numbers: Float[Tensor, "B S"], lengths: Int[Tensor, "B"]
    ) -> Float[Tensor, "B S O"]:
        """An answer's scores, or the number itself, at every step; in float32 at least."""
        read = self.embedding(symbols)
        inputs = torch.cat((read, numbers.unsqueeze(-1).to(read.dtype)), -1)
        outputs, _ = self.recurrent(self.dropout(inputs, steps=1), lengths)
        answers: Tensor = self.output(self.dropout(outputs, steps=1))
        return answers.to(torch.promote_types(answers.dtype, torch.float32))
