"""Decoders: from target embeddings and an encoded source to what the output layer reads.

All have one method, `forward`, over any number of target steps: training hands them whole sentences,
search one word. What a decoder carries from word to word is in `State`, nothing on the module.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from pipeline.nn.attention import AdditiveScore, Scorer, attention_weights
from pipeline.nn.recurrent import FinalState, Recurrent
from pipeline.nn.reused import Reused
from pipeline.nn.steps import unroll


@dataclass(frozen=True)
class State:
    """The encoded source of B rows and how far a decoder has come with them."""

    memory: Float[Tensor, "B S H"]
    keys: Float[Tensor, "B S H"]
    """The memory as the attention's score reads it."""
    memory_mask: Bool[Tensor, "B S"]
    recurrent: FinalState
    feed: Float[Tensor, "B R"]
    """The last readout, an input of the next step under input feeding."""

    def select(self, indices: Int[Tensor, "M"]) -> "State":
        """The state of some rows, in the order and as often as `indices` names them."""
        return State(
            memory=self.memory[indices],
            keys=self.keys[indices],
            memory_mask=self.memory_mask[indices],
            recurrent=tuple(part[:, indices] for part in self.recurrent),
            feed=self.feed[indices],
        )


class Decoded(NamedTuple):
    readouts: Float[Tensor, "B T R"]
    """What the output layer reads."""
    state: State
    """After the last of the T steps."""
    attention: Float[Tensor, "B T S"] | None


class Decoder(nn.Module):
    """What the translator asks of a decoder."""

    def keys(self, memory: Float[Tensor, "B S H"]) -> Float[Tensor, "B S H"]:
        """The memory as this decoder's attention compares it."""
        return memory

    def forward(self, embedded: Float[Tensor, "B T D"], state: State) -> Decoded:
        raise NotImplementedError


class PlainDecoder(Decoder):
    """Knows the source by its initial state alone: Sutskever et al. 2014, section 2."""

    def __init__(self, recurrent: Recurrent, *, readout: int) -> None:
        super().__init__()
        self.recurrent = recurrent
        hidden = recurrent.hidden_size
        self.readout: nn.Module = nn.Linear(hidden, readout) if readout != hidden else nn.Identity()

    def forward(self, embedded: Float[Tensor, "B T D"], state: State) -> Decoded:
        outputs, final = self.recurrent(embedded, initial=state.recurrent)
        return Decoded(self.readout(outputs), replace(state, recurrent=final), None)


class LuongDecoder(Decoder):
    """Attends after the recurrence: Luong et al. 2015, equations 5-7.

    One recurrence over all steps, then one attention over all steps.
    """

    def __init__(self, recurrent: Recurrent, score: Scorer, *, readout: int) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.score = score
        self.combine = nn.Linear(2 * recurrent.hidden_size, readout, bias=False)

    def keys(self, memory: Float[Tensor, "B S H"]) -> Float[Tensor, "B S H"]:
        return self.score.keys(memory)

    def forward(self, embedded: Float[Tensor, "B T D"], state: State) -> Decoded:
        outputs, final = self.recurrent(embedded, initial=state.recurrent)
        weights = attention_weights(self.score(outputs, state.keys), state.memory_mask)
        context = weights.to(state.memory.dtype) @ state.memory
        readouts = self.combine(torch.cat((context, outputs), -1)).tanh()
        return Decoded(readouts, replace(state, recurrent=final), weights)


class InputFeedingDecoder(LuongDecoder):
    """The last readout is a further input of the recurrence: section 3.3 there. Goes step by step."""

    def forward(self, embedded: Float[Tensor, "B T D"], state: State) -> Decoded:
        projected, step = unroll(self.recurrent, embedded)
        score, read = self.score.stepwise(state.keys), Reused(state.memory.mT)
        combine = Reused(self.combine.weight)
        recurrent, feed = state.recurrent, state.feed
        readouts, weights = [], []
        for gates in projected:
            recurrent = step(gates, feed, recurrent)
            hidden = recurrent[0][-1]
            weight = attention_weights(score(hidden.unsqueeze(1)), state.memory_mask)
            feed = combine(torch.cat((read(weight).squeeze(1), hidden), -1)).tanh()
            readouts.append(feed)
            weights.append(weight)
        state = replace(state, recurrent=recurrent, feed=feed)
        return Decoded(torch.stack(readouts, 1), state, torch.cat(weights, 1))


class BahdanauDecoder(Decoder):
    """Attends before the recurrence, which reads the context: Bahdanau et al. 2015, section A.2.2.

    The deep output is tanh(W [state; context; embedding]) where the paper has a maxout layer.
    """

    def __init__(self, recurrent: Recurrent, *, embedding: int, readout: int) -> None:
        super().__init__()
        hidden = recurrent.hidden_size
        self.recurrent = recurrent
        self.score = AdditiveScore(query_size=hidden, memory_size=hidden)
        self.combine = nn.Linear(2 * hidden + embedding, readout)

    def keys(self, memory: Float[Tensor, "B S H"]) -> Float[Tensor, "B S H"]:
        return self.score.keys(memory)

    def forward(self, embedded: Float[Tensor, "B T D"], state: State) -> Decoded:
        projected, step = unroll(self.recurrent, embedded)
        score, read = self.score.stepwise(state.keys), Reused(state.memory.mT)
        recurrent = state.recurrent
        outputs, contexts, weights = [], [], []
        for gates in projected:
            weight = attention_weights(score(recurrent[0][-1].unsqueeze(1)), state.memory_mask)
            context = read(weight).squeeze(1)
            recurrent = step(gates, context, recurrent)
            outputs.append(recurrent[0][-1])
            contexts.append(context)
            weights.append(weight)
        combined = torch.cat((torch.stack(outputs, 1), torch.stack(contexts, 1), embedded), -1)
        state = replace(state, recurrent=recurrent)
        return Decoded(self.combine(combined).tanh(), state, torch.cat(weights, 1))
