"""A sentence in, a sentence out."""

from typing import Literal, Unpack

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pipeline.nn.decoder import State
from pipeline.nn.dropout import Dropout
from pipeline.nn.embedding import build_embedding
from pipeline.nn.masks import real_mask
from pipeline.nn.recurrent import FinalState, Recurrent
from pipeline.nn.writer import Writer, WriterLoss, WriterOptions, embed, layer_options

Context = Literal["levels", "top", "hidden", "mean"]


class Translator(nn.Module):
    """Encoder, bridge, writer."""

    def __init__(
        self,
        *,
        source_vocabulary: int,
        target_vocabulary: int,
        joint_vocabulary: bool = False,
        embedding: int = 256,
        hidden: int = 256,
        bidirectional: bool = True,
        reversed: bool = False,
        context: Context = "levels",
        tied_embeddings: bool = False,
        dropout: float = 0.0,
        **options: Unpack[WriterOptions],
    ) -> None:
        """`hidden` units in the decoder; a bidirectional encoder has half of them per direction.

        A `reversed` encoder reads the source from its end (Sutskever et al. 2014, section 3.3).

        `context`: what the decoder starts from. `levels`: each layer from the encoder's final state of its
        level (Sutskever et al. 2014); `top`: all from the top level's; `hidden`: each from its level's h, an
        LSTM's cell from a learned constant; `mean`: all from the mean of the memory.

        `tied_embeddings` makes one matrix of target embedding and output layer, and of the source embedding
        where the vocabulary is joint.
        """
        super().__init__()
        self.writer = Writer(
            vocabulary=target_vocabulary,
            embedding=embedding,
            hidden=hidden,
            tied_embeddings=tied_embeddings,
            dropout=dropout,
            **options,
        )
        self.encoder = Recurrent(
            input_size=embedding,
            hidden_size=hidden // 2 if bidirectional else hidden,
            bidirectional=bidirectional,
            reversed=reversed,
            dropout=dropout,
            **layer_options(options),
        )
        self.context: Context = context
        parts = 2 if self.encoder.cell == "lstm" else 1
        self.bridge = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(parts * self.encoder.layers))
        self.dropout = Dropout(dropout)
        if tied_embeddings and joint_vocabulary:
            self.embedding = self.writer.embedding
        else:
            self.embedding = build_embedding(source_vocabulary, embedding)

    def loss(
        self,
        source: Int[Tensor, "B S"],
        source_lengths: Int[Tensor, "B"],
        target: Int[Tensor, "B T"],
        target_lengths: Int[Tensor, "B"],
        *,
        label_smoothing: float = 0.0,
        teacher_forcing: float = 1.0,
    ) -> WriterLoss:
        """As `Writer.loss`, of sources and their targets."""
        return self.writer.loss(
            self.init_state(source, source_lengths),
            target,
            target_lengths,
            label_smoothing=label_smoothing,
            teacher_forcing=teacher_forcing,
        )

    def init_state(self, source: Int[Tensor, "B S"], source_lengths: Int[Tensor, "B"]) -> State:
        """The state before the first word."""
        memory, final = self.encoder(embed(self.embedding, source, self.dropout), source_lengths)
        memory = memory.contiguous()
        bridges = iter(self.bridge)
        final = self._summary(memory, source_lengths, final)
        hidden = torch.stack([next(bridges)(layer).tanh() for layer in final[0]])
        # An LSTM's cell is not bounded, so its bridge isn't.
        cells = [torch.stack([next(bridges)(layer) for layer in part]) for part in final[1:]]
        return self.writer.begin(memory, real_mask(source_lengths, source.shape[1]), (hidden, *cells))

    def step(
        self, tokens: Int[Tensor, "N"], state: State
    ) -> tuple[Float[Tensor, "N V"], State, Float[Tensor, "N S"] | None]:
        """As `Writer.step`: what a search asks for."""
        return self.writer.step(tokens, state)

    def _summary(
        self, memory: Float[Tensor, "B S H"], lengths: Int[Tensor, "B"], final: FinalState
    ) -> FinalState:
        """What the bridge reads of the encoder, for every layer."""
        match self.context:
            case "levels":
                return final
            case "top":
                return tuple(part[-1:].expand_as(part) for part in final)
            case "hidden":
                return (final[0], *(torch.zeros_like(part) for part in final[1:]))
            case "mean":
                mean = memory.sum(1) / lengths.unsqueeze(1)  # padding is zero
                return tuple(mean.expand_as(part) for part in final)
