"""Decoders: from target embeddings and an encoded source to what the output layer reads.

All have one method, `forward`, over any number of target steps: training hands them whole sentences,
search one word. What a decoder carries from word to word is in `State`, nothing on the module.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from pipeline.nn.attention import Attention
from pipeline.nn.recurrent import FinalState, Recurrent
from pipeline.nn.reused import Reused
from pipeline.nn.steps import unroll


@dataclass(frozen=True)
class State:
    """The encoded source of B rows and how far a decoder has come with them."""

    memory: Float[Tensor, "B S H"]
    keys: Float[Tensor, "B S K"]
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

    def keys(self, memory: Float[Tensor, "B S H"]) -> Float[Tensor, "B S K"]:
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


class AttentiveDecoder(Decoder):
    """What decoders with attention share."""

    def __init__(self, recurrent: Recurrent, attention: Attention) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.attention = attention

    def keys(self, memory: Float[Tensor, "B S H"]) -> Float[Tensor, "B S K"]:
        return self.attention.keys(memory)


class LuongDecoder(AttentiveDecoder):
    """Attends after the recurrence: Luong et al. 2015, equations 5-7.

    One recurrence over all steps, then one attention over all steps. Only where the cell state asks too, of
    which no fused kernel tells more than the last, the recurrence goes step by step.
    """

    def __init__(
        self, recurrent: Recurrent, attention: Attention, *, readout: int, previous: bool = False
    ) -> None:
        """`previous`: the state before the word asks (s_{j-1}) instead of the state after it (s_j)."""
        super().__init__(recurrent, attention)
        self.previous = previous
        self.combine = nn.Linear(2 * recurrent.hidden_size, readout, bias=False)

    def forward(self, embedded: Float[Tensor, "B T D"], state: State) -> Decoded:
        outputs, queries, final = self._recur(embedded, state.recurrent)
        weights = self.attention(queries, state.keys, state.memory_mask)
        context = weights.to(state.memory.dtype) @ state.memory
        readouts = self.combine(torch.cat((context, outputs), -1)).tanh()
        return Decoded(readouts, replace(state, recurrent=final), weights)

    def _recur(
        self, embedded: Float[Tensor, "B T D"], start: FinalState
    ) -> tuple[Float[Tensor, "B T H"], Float[Tensor, "B T Q"], FinalState]:
        """Outputs, what asks at each step, and the final state."""
        if self.attention.of_cell:
            return self._step_by_step(embedded, start)
        outputs, final = self.recurrent(embedded, initial=start)
        if not self.previous:
            return outputs, outputs, final
        first = self.attention.query(start).unsqueeze(1).to(outputs.dtype)
        return outputs, torch.cat((first, outputs[:, :-1]), 1), final

    def _step_by_step(
        self, embedded: Float[Tensor, "B T D"], state: FinalState
    ) -> tuple[Float[Tensor, "B T H"], Float[Tensor, "B T Q"], FinalState]:
        projected, step = unroll(self.recurrent, embedded)
        nothing = embedded.new_empty(len(embedded), 0)
        outputs, queries = [], [self.attention.query(state)]
        for gates in projected:
            state = step(gates, nothing, state)
            outputs.append(state[0][-1])
            queries.append(self.attention.query(state))
        asking = queries[:-1] if self.previous else queries[1:]
        return torch.stack(outputs, 1), torch.stack(asking, 1), state


class InputFeedingDecoder(LuongDecoder):
    """The last readout is a further input of the recurrence: section 3.3 there. Goes step by step."""

    def forward(self, embedded: Float[Tensor, "B T D"], state: State) -> Decoded:
        projected, step = unroll(self.recurrent, embedded)
        attend = self.attention.stepwise(state.keys, state.memory_mask)
        read, combine = Reused(state.memory.mT), Reused(self.combine.weight)
        recurrent, feed = state.recurrent, state.feed
        readouts, weights = [], []
        for gates in projected:
            before = recurrent
            recurrent = step(gates, feed, recurrent)
            weight = attend(self.attention.query(before if self.previous else recurrent))
            feed = combine(torch.cat((read(weight).squeeze(1), recurrent[0][-1]), -1)).tanh()
            readouts.append(feed)
            weights.append(weight)
        state = replace(state, recurrent=recurrent, feed=feed)
        return Decoded(torch.stack(readouts, 1), state, torch.cat(weights, 1))


class BahdanauDecoder(AttentiveDecoder):
    """Attends before the recurrence, which reads the context: Bahdanau et al. 2015, section A.2.2.

    The state before the word asks, there is no other yet; the paper's score is the additive one. The deep
    output is tanh(W [state; context; embedding]) where the paper has a maxout layer.
    """

    def __init__(self, recurrent: Recurrent, attention: Attention, *, embedding: int, readout: int) -> None:
        super().__init__(recurrent, attention)
        self.combine = nn.Linear(2 * recurrent.hidden_size + embedding, readout)

    def forward(self, embedded: Float[Tensor, "B T D"], state: State) -> Decoded:
        projected, step = unroll(self.recurrent, embedded)
        attend = self.attention.stepwise(state.keys, state.memory_mask)
        read = Reused(state.memory.mT)
        recurrent = state.recurrent
        outputs, contexts, weights = [], [], []
        for gates in projected:
            weight = attend(self.attention.query(recurrent))
            context = read(weight).squeeze(1)
            recurrent = step(gates, context, recurrent)
            outputs.append(recurrent[0][-1])
            contexts.append(context)
            weights.append(weight)
        combined = torch.cat((torch.stack(outputs, 1), torch.stack(contexts, 1), embedded), -1)
        state = replace(state, recurrent=recurrent)
        return Decoded(self.combine(combined).tanh(), state, torch.cat(weights, 1))
