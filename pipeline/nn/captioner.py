"""A picture in, a sentence out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Unpack

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn

from pipeline.nn.decoder import Decoded, State
from pipeline.nn.picture import PictureEncoder
from pipeline.nn.recurrent import FinalState
from pipeline.nn.standardised import Standardised
from pipeline.nn.writer import Writer, WriterLoss, WriterOptions, embed

Reaches = Literal["state", "first", "every"]


@dataclass(frozen=True)
class PictureState(State):
    """What a decoder carries, and the picture as a whole."""

    whole: Float[Tensor, "B H"]

    def select(self, indices: Int[Tensor, "M"]) -> "PictureState":
        return PictureState(**vars(super().select(indices)), whole=self.whole[indices])


class PictureWriter(Writer):
    """A writer that may see the whole picture beside every word.

    The picture's vector is added to the word's, which is what a recurrence makes of the two side by side, its
    weights for the picture being the product of two matrices.
    """

    def __init__(
        self,
        *,
        vocabulary: int,
        embedding: int,
        hidden: int,
        every: bool,
        tied_embeddings: bool = False,
        dropout: float = 0.0,
        **options: Unpack[WriterOptions],
    ) -> None:
        """`every`: whether it sees the picture beside every word; the rest as of any writer."""
        super().__init__(
            vocabulary=vocabulary,
            embedding=embedding,
            hidden=hidden,
            tied_embeddings=tied_embeddings,
            dropout=dropout,
            **options,
        )
        self.beside = nn.Linear(hidden, embedding) if every else None

    def decode(self, tokens: Int[Tensor, "B T"], state: State) -> Decoded:
        embedded = embed(self.embedding, tokens, self.dropout)
        if self.beside is not None:
            assert isinstance(state, PictureState)
            embedded = embedded + self.beside(state.whole).unsqueeze(1)
        decoded: Decoded = self.decoder(embedded, state)
        return decoded


class Captioner(nn.Module):
    """Picture encoder and writer."""

    def __init__(
        self,
        *,
        vocabulary: int,
        channels: Sequence[int],
        embedding: int = 256,
        hidden: int = 256,
        picture: Reaches = "state",
        tied_embeddings: bool = False,
        dropout: float = 0.0,
        **options: Unpack[WriterOptions],
    ) -> None:
        """
        Args:
            picture: how the mean over the picture's places reaches the decoder. `state`: as each layer's
                initial state (Xu et al. 2015, section 3.1.2); `first`: as an input before the words (Vinyals
                et al. 2015, section 3.1); `every`: with every word (Mao et al. 2015, section 3.2). With
                attention the decoder looks at single places besides.
        """
        super().__init__()
        self.encoder = PictureEncoder(channels=channels, size=hidden)
        self.writer = PictureWriter(
            vocabulary=vocabulary,
            embedding=embedding,
            hidden=hidden,
            every=picture == "every",
            tied_embeddings=tied_embeddings,
            dropout=dropout,
            **options,
        )
        self.picture: Reaches = picture
        self.standardised = Standardised(hidden)
        self.parts = 2 if options.get("cell", "lstm") == "lstm" else 1
        self.layers = options.get("layers", 1)
        self.attends = options.get("attention", "luong") != "none"
        bridges = {"state": self.parts * self.layers, "first": 1, "every": 0}[picture]
        size = embedding if picture == "first" else hidden
        self.bridges = nn.ModuleList(nn.Linear(hidden, size) for _ in range(bridges))

    def begin(self, pictures: UInt8[Tensor, "B 3 side side"], *, counted: bool = True) -> State:
        """The state before the first word; `counted`: as of `Standardised`."""
        memory = self.encoder(pictures)
        whole = self.standardised(memory.mean(1), counted=counted)
        if not self.attends:
            memory = whole.unsqueeze(1)
        mask = torch.ones(memory.shape[:2], dtype=torch.bool, device=memory.device)
        begun = self.writer.begin(memory, mask, self._start(whole))
        state: State = PictureState(**vars(begun), whole=whole)
        if self.picture == "first":
            (bridge,) = self.bridges
            state = self.writer.decoder(bridge(whole).unsqueeze(1), state).state
        return state

    def _start(self, whole: Float[Tensor, "B H"]) -> FinalState:
        if self.picture != "state":
            nothing = whole.new_zeros(self.layers, *whole.shape)
            return (nothing,) * self.parts
        states = [bridge(whole) for bridge in self.bridges]
        hidden = torch.stack(states[: self.layers]).tanh()
        # An LSTM's cell is not bounded, so its bridge isn't.
        return (hidden, torch.stack(states[self.layers :])) if self.parts == 2 else (hidden,)

    def loss(
        self,
        pictures: UInt8[Tensor, "B 3 side side"],
        owner: Int[Tensor, "M"],
        target: Int[Tensor, "M T"],
        target_lengths: Int[Tensor, "M"],
        *,
        label_smoothing: float = 0.0,
        counted: bool = True,
    ) -> WriterLoss:
        """As `Writer.loss`, of captions; `owner` is each one's picture, which is encoded once for all.
        `counted`: as of `Standardised`."""
        state = self.begin(pictures, counted=counted).select(owner)
        return self.writer.loss(state, target, target_lengths, label_smoothing=label_smoothing)


class Begun:
    """A writer whose state is there already: what a search asks for, of pictures that were encoded before."""

    def __init__(self, writer: Writer, state: State) -> None:
        self._writer, self._state = writer, state

    @property
    def places(self) -> tuple[Int[Tensor, "B S"], Int[Tensor, "B"]]:
        """Stand-ins for source tokens and their number, as a search wants them."""
        count, places = self._state.memory_mask.shape
        device = self._state.memory.device
        return torch.zeros(count, places, dtype=torch.long, device=device), torch.full(
            (count,), places, device=device
        )

    def init_state(self, source: Int[Tensor, "B S"], source_lengths: Int[Tensor, "B"]) -> State:
        return self._state

    def step(
        self, tokens: Int[Tensor, "N"], state: State
    ) -> tuple[Float[Tensor, "N V"], State, Float[Tensor, "N S"] | None]:
        return self._writer.step(tokens, state)
