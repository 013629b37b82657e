"""What says words: target embedding, decoder and output layer of every network that answers with a sentence.

What it tells of lies in the `State` that it is given: a source sentence, a picture, sounds.
"""

from dataclasses import dataclass
from typing import Literal, Unpack, cast

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from pipeline.nn.attention import Attention, Normaliser, Query, Score
from pipeline.nn.decoder import (
    BahdanauDecoder,
    Decoded,
    Decoder,
    InputFeedingDecoder,
    LuongDecoder,
    PlainDecoder,
    State,
)
from pipeline.nn.dropout import Dropout
from pipeline.nn.embedding import build_embedding
from pipeline.nn.loss import linear_cross_entropy, log_softmax
from pipeline.nn.masks import real_mask
from pipeline.nn.recurrent import FinalState, LayerOptions, Recurrent


@dataclass(frozen=True)
class WriterLoss:
    """Sums over the target tokens of a batch, end of sentence included."""

    total: Float[Tensor, ""]
    """Label-smoothed cross-entropy, in nats."""
    nll: Float[Tensor, ""]
    """Negative log-likelihood, in nats; carries no gradient."""
    tokens: Int[Tensor, ""]


class WriterOptions(LayerOptions, total=False):
    """What every network that writes lets its user choose."""

    attention: Literal["none", "bahdanau", "luong"]
    score: Score
    query: Query
    asks: Literal["before", "after"]
    normaliser: Normaliser
    input_feeding: bool


class Writer(nn.Module):
    """A decoder with its words."""

    def __init__(
        self,
        *,
        vocabulary: int,
        embedding: int = 256,
        hidden: int = 256,
        attention: Literal["none", "bahdanau", "luong"] = "luong",
        score: Score = "general",
        query: Query = "hidden",
        asks: Literal["before", "after"] = "after",
        normaliser: Normaliser = "softmax",
        input_feeding: bool = False,
        tied_embeddings: bool = False,
        dropout: float = 0.0,
        **recurrent: Unpack[LayerOptions],
    ) -> None:
        """Only the sizes and `tied_embeddings`, one matrix in and out, are the network's to settle.

        Args:
            hidden: units, and the size of the memory's rows.
            attention: whether the context goes nowhere, into the recurrence (`bahdanau`) or into the readout
                (`luong`).
            query: what of the decoder's top state asks; see `Attention`.
            asks: whether Luong's decoder asks with the state before the word or after it.
        """
        super().__init__()
        self.readout_size = readout = embedding if tied_embeddings else hidden
        fed = {"none": 0, "luong": readout if input_feeding else 0, "bahdanau": hidden}[attention]
        layers = Recurrent(input_size=embedding + fed, hidden_size=hidden, dropout=dropout, **recurrent)
        if query == "hidden_and_cell" and layers.cell != "lstm":
            raise ValueError(f"query hidden_and_cell: a {layers.cell} has no cell state")
        self.decoder: Decoder
        if attention == "none":
            self.decoder = PlainDecoder(layers, readout=readout)
        else:
            looking = Attention(score=score, size=hidden, query=query, normaliser=normaliser)
            if attention == "bahdanau":
                self.decoder = BahdanauDecoder(layers, looking, embedding=embedding, readout=readout)
            else:
                luong = InputFeedingDecoder if input_feeding else LuongDecoder
                self.decoder = luong(layers, looking, readout=readout, previous=asks == "before")
        self.embedding = build_embedding(vocabulary, embedding)
        self.output = nn.Linear(readout, vocabulary)
        if tied_embeddings:
            self.output.weight = self.embedding.weight
        self.dropout = Dropout(dropout)

    def begin(
        self, memory: Float[Tensor, "B S H"], memory_mask: Bool[Tensor, "B S"], recurrent: FinalState
    ) -> State:
        """The state before the first word; `recurrent`, (h,) or (h, c), each L B H, is where it starts."""
        return State(
            memory=memory,
            keys=self.decoder.keys(memory),
            memory_mask=memory_mask,
            recurrent=recurrent,
            feed=memory.new_zeros(len(memory), self.readout_size),
        )

    def loss(
        self,
        state: State,
        target: Int[Tensor, "B T"],
        target_lengths: Int[Tensor, "B"],
        *,
        label_smoothing: float = 0.0,
        teacher_forcing: float = 1.0,
    ) -> WriterLoss:
        """Loss of the target rows (begin, words, end, padding), whose lengths count begin and end.

        With `teacher_forcing` below 1 an input word is, with the remaining probability, the model's own best
        guess (scheduled sampling, Bengio et al. 2015); this goes word by word.
        """
        lengths = target_lengths - 1
        inputs, labels = target[:, :-1], target[:, 1:]
        if teacher_forcing < 1:
            readouts = self._read_own_words(inputs, state, teacher_forcing)
        else:
            readouts = self.decode(inputs, state).readouts
        label_mask = real_mask(lengths, labels.shape[1])
        total, nll = linear_cross_entropy(
            self.dropout(readouts[label_mask]),
            self.output.weight,
            self.output.bias,
            labels[label_mask],
            label_smoothing=label_smoothing,
        )
        return WriterLoss(total, nll, lengths.sum())

    def step(
        self, tokens: Int[Tensor, "N"], state: State
    ) -> tuple[Float[Tensor, "N V"], State, Float[Tensor, "N S"] | None]:
        """Log-probabilities of the word after `tokens`, the state after it, and where the decoder looked."""
        decoded = self.decode(tokens.unsqueeze(1), state)
        log_probs = log_softmax(self._logits(decoded))
        attention = None if decoded.attention is None else decoded.attention.squeeze(1)
        return log_probs, decoded.state, attention

    def decode(self, tokens: Int[Tensor, "B T"], state: State) -> Decoded:
        """Reads words that are given."""
        decoded: Decoded = self.decoder(embed(self.embedding, tokens, self.dropout), state)
        return decoded

    def _logits(self, decoded: Decoded) -> Float[Tensor, "B V"]:
        logits: Tensor = self.output(self.dropout(decoded.readouts.squeeze(1)))
        return logits

    def _read_own_words(
        self, inputs: Int[Tensor, "B T"], state: State, teacher_forcing: float
    ) -> Float[Tensor, "B T R"]:
        readouts = []
        tokens = inputs[:, 0]
        for position in range(inputs.shape[1]):
            decoded = self.decode(tokens.unsqueeze(1), state)
            state = decoded.state
            readouts.append(decoded.readouts)
            if position + 1 < inputs.shape[1]:
                with torch.no_grad():
                    own = self._logits(decoded).argmax(-1)
                forced = torch.rand(own.shape, device=own.device) < teacher_forcing
                tokens = torch.where(forced, inputs[:, position + 1], own)
        return torch.cat(readouts, 1)


def layer_options(options: WriterOptions) -> LayerOptions:
    """Those that other layers of the same network share."""
    shared = {name: value for name, value in options.items() if name in LayerOptions.__annotations__}
    return cast(LayerOptions, shared)


def embed(table: nn.Embedding, tokens: Int[Tensor, "B T"], dropout: Dropout) -> Float[Tensor, "B T D"]:
    """Word vectors times sqrt(D), as Vaswani et al. 2017, section 3.4.

    Their rows have length 1 for the output layer's sake. A recurrence that reads them as they are hardly sees
    them at first: after one epoch of Multi30k validation BLEU is 7 instead of 14 (Luong, 512 units).
    """
    # Looked up in the order in which the recurrence reads: transposing back costs no copy.
    embedded: Tensor = dropout(table(tokens.t()) * table.embedding_dim**0.5)
    return embedded.transpose(0, 1)
