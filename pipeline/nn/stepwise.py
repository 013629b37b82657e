"""Recurrent layers in a loop over steps: for what no fused kernel computes.

That is a linear plain RNN, a GRU that resets before its product, dropout on h in the recurrence, zoneout.
The inputs are projected at once and each weight's gradient is made as one product; a training step on a CPU
still takes up to 2.1 times the fused kernel's time: docs/recurrent-options.md has each option's.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional as F

from pipeline.nn.dropout import dropout, keep_mask
from pipeline.nn.gates import Cell, Weights
from pipeline.nn.initial import FinalState
from pipeline.nn.reused import Reused

Activation = Literal["tanh", "relu", "linear"]
Reset = Literal["before", "after"]
"""Whether a GRU's reset gate acts on h before its product with the recurrent weights or after it."""
RecurrentDropout = Literal["none", "step", "sequence", "weight", "zoneout"]


@dataclass(frozen=True)
class Rule:
    """How a layer goes from one step to the next; see `Recurrent`."""

    cell: Cell = "lstm"
    activation: Activation = "tanh"
    reset: Reset = "after"
    recurrent_dropout: RecurrentDropout = "none"
    share: float = 0.0

    def fused(self, training: bool) -> str | None:
        """The kernel that computes it, by its name in `fused.KERNELS`, if one does."""
        masked = self.recurrent_dropout in ("step", "sequence") and training
        if (self.share and (masked or self.recurrent_dropout == "zoneout")) or self.reset == "before":
            return None
        if self.cell == "rnn":
            return None if self.activation == "linear" else self.activation
        return self.cell


class Mask:
    """Dropout: a fresh mask at each call, or (`fixed`) the first call's for all. Make one per pass."""

    def __init__(self, share: float, training: bool, *, fixed: bool) -> None:
        self._share, self._training, self._fixed = share, training, fixed
        self._factors: Tensor | None = None

    def __call__(self, inputs: Tensor) -> Tensor:
        if not self._fixed or not self._training or not self._share:
            return dropout(inputs, self._share, self._training)
        if self._factors is None:
            self._factors = dropout(torch.ones_like(inputs), self._share, self._training)
        return inputs * self._factors


class Advance:
    """(gates' share of the input B G, state) -> next state; a state's parts are B H. Make one per pass."""

    def __init__(self, weights: Weights, rule: Rule, training: bool) -> None:
        self._rule, self._training = rule, training
        self._bias = weights.hidden_bias
        masked = rule.recurrent_dropout in ("step", "sequence")
        fixed = rule.recurrent_dropout == "sequence"
        self._recall = Mask(rule.share if masked else 0.0, training, fixed=fixed)
        if rule.reset == "before":
            units = weights.hidden.shape[1]
            gates, candidate = weights.hidden.split((2 * units, units))
            self._onward, self._candidate = Reused(gates), Reused(candidate)
        else:
            self._onward = Reused(weights.hidden)

    def __call__(self, gates: Float[Tensor, "B G"], state: FinalState) -> FinalState:
        bias = self._bias.to(gates.dtype)
        recalled = self._recall(state[0])
        if self._rule.cell == "lstm":
            new = self._lstm(gates + bias, recalled, state[1])
        elif self._rule.cell == "rnn":
            new = self._rnn(gates + bias, recalled)
        elif self._rule.reset == "before":
            new = self._gru_before(gates + bias, recalled, state[0])
        else:
            new = self._gru(gates, bias, recalled, state[0])
        if self._rule.recurrent_dropout != "zoneout" or not self._rule.share:
            return new
        return tuple(self._zoned(*parts) for parts in zip(state, new, strict=True))

    def _rnn(self, gates: Tensor, recalled: Tensor) -> FinalState:
        pre = self._onward(recalled, gates)
        match self._rule.activation:
            case "tanh":
                return (pre.tanh(),)
            case "relu":
                return (pre.relu(),)
            case _:
                return (pre,)

    def _lstm(self, gates: Tensor, recalled: Tensor, cell: Tensor) -> FinalState:
        enter, forget, new, leave = self._onward(recalled, gates).chunk(4, 1)
        cell = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
        return leave.sigmoid() * cell.tanh(), cell

    def _gru(self, gates: Tensor, bias: Tensor, recalled: Tensor, hidden: Tensor) -> FinalState:
        reset_in, update_in, new_in = gates.chunk(3, 1)
        reset_on, update_on, new_on = (self._onward(recalled) + bias).chunk(3, 1)
        reset = (reset_in + reset_on).sigmoid()
        update = (update_in + update_on).sigmoid()
        new = (new_in + reset * new_on).tanh()
        return (new + update * (hidden - new),)

    def _gru_before(self, gates: Tensor, recalled: Tensor, hidden: Tensor) -> FinalState:
        units = hidden.shape[1]
        outer, new_in = gates.split((2 * units, units), 1)
        reset, update = self._onward(recalled, outer).sigmoid().chunk(2, 1)
        new = self._candidate(reset * recalled, new_in).tanh()
        return (new + update * (hidden - new),)

    def _zoned(self, old: Tensor, new: Tensor) -> Tensor:
        """Krueger et al. 2017, section 3.1: a unit keeps its old value; in evaluation, its expectation."""
        share = self._rule.share
        if self._training:
            return torch.where(keep_mask(new.shape, share, new.device), new, old)
        return share * old + (1 - share) * new


def run_stepwise(
    rule: Rule,
    weights: Weights,
    steps: Float[Tensor, "S B D"],
    lengths: Int[Tensor, "B"],
    mask: Bool[Tensor, "S B 1"] | None,
    initial: FinalState | None,
    training: bool,
) -> tuple[Float[Tensor, "S B H"], FinalState]:
    """As `run_fused`."""
    projected = F.linear(steps, weights.input, weights.input_bias)
    advance = Advance(weights, rule, training)
    state = initial
    if state is None:
        zeros = projected.new_zeros(steps.shape[1], weights.hidden.shape[1])
        state = (zeros,) * (2 if rule.cell == "lstm" else 1)
    states = []
    for gates in projected.unbind():
        state = advance(gates, state)
        states.append(state)
    parts = [torch.stack(part) for part in zip(*states, strict=True)]
    rows = torch.arange(len(lengths), device=lengths.device)
    final = tuple(part[lengths - 1, rows] for part in parts)
    return parts[0] if mask is None else parts[0] * mask, final
