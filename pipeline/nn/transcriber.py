"""Frames of sound in, words out."""

from typing import Unpack

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pipeline.nn.decoder import State
from pipeline.nn.dropout import Dropout
from pipeline.nn.masks import real_mask
from pipeline.nn.recurrent import Recurrent
from pipeline.nn.writer import Writer, WriterLoss, WriterOptions, layer_options


class Transcriber(nn.Module):
    """Encoder of frames, bridge, writer: Chan et al. 2016 (Listen, attend and spell), whose pyramid of layers
    is the stacking of frames here."""

    def __init__(
        self,
        *,
        features: int,
        vocabulary: int,
        embedding: int = 64,
        hidden: int = 128,
        bidirectional: bool = True,
        dropout: float = 0.0,
        **options: Unpack[WriterOptions],
    ) -> None:
        """`features` a step; `hidden` units in the decoder, of which a bidirectional encoder has half per
        direction. Frames are projected to `hidden` numbers before the encoder reads them."""
        super().__init__()
        self.writer = Writer(
            vocabulary=vocabulary, embedding=embedding, hidden=hidden, dropout=dropout, **options
        )
        self.projection = nn.Linear(features, hidden)
        self.encoder = Recurrent(
            input_size=hidden,
            hidden_size=hidden // 2 if bidirectional else hidden,
            bidirectional=bidirectional,
            dropout=dropout,
            **layer_options(options),
        )
        parts = 2 if self.encoder.cell == "lstm" else 1
        self.bridges = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(parts * self.encoder.layers))
        self.dropout = Dropout(dropout)

    def begin(self, frames: Float[Tensor, "B S D"], lengths: Int[Tensor, "B"]) -> State:
        """The state before the first word: each layer's from the encoder's final state of its level."""
        read: Tensor = self.dropout(self.projection(frames).relu())
        memory, final = self.encoder(read, lengths)
        bridges = iter(self.bridges)
        hidden = torch.stack([next(bridges)(layer).tanh() for layer in final[0]])
        # An LSTM's cell is not bounded, so its bridge isn't.
        cells = [torch.stack([next(bridges)(layer) for layer in part]) for part in final[1:]]
        mask = real_mask(lengths, frames.shape[1])
        return self.writer.begin(memory.contiguous(), mask, (hidden, *cells))

    def loss(
        self,
        frames: Float[Tensor, "B S D"],
        lengths: Int[Tensor, "B"],
        target: Int[Tensor, "B T"],
        target_lengths: Int[Tensor, "B"],
        *,
        label_smoothing: float = 0.0,
    ) -> WriterLoss:
        """As `Writer.loss`, of sounds and their words."""
        state = self.begin(frames, lengths)
        return self.writer.loss(state, target, target_lengths, label_smoothing=label_smoothing)
