"""A sentence in, a sentence out."""

from dataclasses import dataclass
from typing import Literal, Unpack

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pipeline.nn.attention import Score, build_score
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
from pipeline.nn.recurrent import LayerOptions, Recurrent


@dataclass(frozen=True)
class TranslatorLoss:
    """Sums over the target tokens of a batch, end of sentence included."""

    total: Float[Tensor, ""]
    """Label-smoothed cross-entropy, in nats."""
    nll: Float[Tensor, ""]
    """Negative log-likelihood, in nats; carries no gradient."""
    tokens: Int[Tensor, ""]


class Translator(nn.Module):
    """Encoder, bridge, decoder, output layer."""

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
        attention: Literal["none", "bahdanau", "luong"] = "luong",
        score: Score = "general",
        input_feeding: bool = False,
        tied_embeddings: bool = False,
        dropout: float = 0.0,
        **recurrent: Unpack[LayerOptions],
    ) -> None:
        """`hidden` units in the decoder; a bidirectional encoder has half of them per direction.

        A `reversed` encoder reads the source from its end (Sutskever et al. 2014, section 3.3).

        `tied_embeddings` makes one matrix of target embedding and output layer, and of the source embedding
        where the vocabulary is joint.
        """
        super().__init__()
        self.encoder = Recurrent(
            input_size=embedding,
            hidden_size=hidden // 2 if bidirectional else hidden,
            bidirectional=bidirectional,
            reversed=reversed,
            dropout=dropout,
            **recurrent,
        )
        self.readout_size = readout = embedding if tied_embeddings else hidden
        fed = {"none": 0, "luong": readout if input_feeding else 0, "bahdanau": hidden}[attention]
        decoding = Recurrent(input_size=embedding + fed, hidden_size=hidden, dropout=dropout, **recurrent)
        self.decoder: Decoder
        if attention == "none":
            self.decoder = PlainDecoder(decoding, readout=readout)
        elif attention == "bahdanau":
            self.decoder = BahdanauDecoder(decoding, embedding=embedding, readout=readout)
        else:
            luong = InputFeedingDecoder if input_feeding else LuongDecoder
            self.decoder = luong(decoding, build_score(score, size=hidden), readout=readout)
        parts = 2 if decoding.cell == "lstm" else 1
        self.bridge = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(parts * decoding.layers))
        self.target_embedding = build_embedding(target_vocabulary, embedding)
        self.output = nn.Linear(self.readout_size, target_vocabulary)
        self.dropout = Dropout(dropout)
        if tied_embeddings:
            self.output.weight = self.target_embedding.weight
        if tied_embeddings and joint_vocabulary:
            self.source_embedding = self.target_embedding
        else:
            self.source_embedding = build_embedding(source_vocabulary, embedding)

    def loss(
        self,
        source: Int[Tensor, "B S"],
        source_lengths: Int[Tensor, "B"],
        target: Int[Tensor, "B T"],
        target_lengths: Int[Tensor, "B"],
        *,
        label_smoothing: float = 0.0,
        teacher_forcing: float = 1.0,
    ) -> TranslatorLoss:
        """Loss of the target rows (begin, words, end, padding), whose lengths count begin and end.

        With `teacher_forcing` below 1 an input word is, with the remaining probability, the model's own best
        guess (scheduled sampling, Bengio et al. 2015); this goes word by word.
        """
        state = self.init_state(source, source_lengths)
        lengths = target_lengths - 1
        inputs, labels = target[:, :-1], target[:, 1:]
        if teacher_forcing < 1:
            readouts = self._read_own_words(inputs, state, teacher_forcing)
        else:
            readouts = self._decode(inputs, state).readouts
        label_mask = real_mask(lengths, labels.shape[1])
        total, nll = linear_cross_entropy(
            self.dropout(readouts[label_mask]),
            self.output.weight,
            self.output.bias,
            labels[label_mask],
            label_smoothing=label_smoothing,
        )
        return TranslatorLoss(total, nll, lengths.sum())

    def init_state(self, source: Int[Tensor, "B S"], source_lengths: Int[Tensor, "B"]) -> State:
        """The state before the first word: every layer starts from the encoder's final state of its level."""
        memory, final = self.encoder(self._embed(self.source_embedding, source), source_lengths)
        memory = memory.contiguous()
        bridges = iter(self.bridge)
        hidden = torch.stack([next(bridges)(layer).tanh() for layer in final[0]])
        # An LSTM's cell is not bounded, so its bridge isn't.
        cells = [torch.stack([next(bridges)(layer) for layer in part]) for part in final[1:]]
        return State(
            memory=memory,
            keys=self.decoder.keys(memory),
            memory_mask=real_mask(source_lengths, source.shape[1]),
            recurrent=(hidden, *cells),
            feed=hidden.new_zeros(len(source), self.readout_size),
        )

    def step(
        self, tokens: Int[Tensor, "N"], state: State
    ) -> tuple[Float[Tensor, "N V"], State, Float[Tensor, "N S"] | None]:
        """Log-probabilities of the word after `tokens`, the state after it, and where the decoder looked."""
        decoded = self._decode(tokens.unsqueeze(1), state)
        log_probs = log_softmax(self._logits(decoded))
        attention = None if decoded.attention is None else decoded.attention.squeeze(1)
        return log_probs, decoded.state, attention

    def _decode(self, tokens: Int[Tensor, "B T"], state: State) -> Decoded:
        decoded: Decoded = self.decoder(self._embed(self.target_embedding, tokens), state)
        return decoded

    def _embed(self, table: nn.Embedding, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T D"]:
        """Word vectors times sqrt(D), as Vaswani et al. 2017, section 3.4.

        Their rows have length 1 for the output layer's sake. A recurrence that reads them as they are hardly
        sees them at first: after one epoch of Multi30k validation BLEU is 7 instead of 14 (Luong, 512 units).
        """
        # Looked up in the order in which the recurrence reads: transposing back costs no copy.
        embedded: Tensor = self.dropout(table(tokens.t()) * table.embedding_dim**0.5)
        return embedded.transpose(0, 1)

    def _logits(self, decoded: Decoded) -> Float[Tensor, "B V"]:
        logits: Tensor = self.output(self.dropout(decoded.readouts.squeeze(1)))
        return logits

    def _read_own_words(
        self, inputs: Int[Tensor, "B T"], state: State, teacher_forcing: float
    ) -> Float[Tensor, "B T R"]:
        readouts = []
        tokens = inputs[:, 0]
        for position in range(inputs.shape[1]):
            decoded = self._decode(tokens.unsqueeze(1), state)
            state = decoded.state
            readouts.append(decoded.readouts)
            if position + 1 < inputs.shape[1]:
                with torch.no_grad():
                    own = self._logits(decoded).argmax(-1)
                forced = torch.rand(own.shape, device=own.device) < teacher_forcing
                tokens = torch.where(forced, inputs[:, position + 1], own)
        return torch.cat(readouts, 1)
