"""The gates of a recurrent layer: those that learn, and those that follow from them.

A gate that is held open or coupled to another stays a row of the kernel's matrices, so that the fused kernels
compute every layer of this module; it has no parameters.
"""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pipeline.nn.dropout import dropout

Cell = Literal["rnn", "gru", "lstm"]
Gate = Literal["input", "forget", "output"]
Init = Literal["default", "orthogonal"]

GATES: dict[Cell, tuple[str, ...]] = {
    "rnn": ("candidate",),
    "gru": ("reset", "update", "candidate"),
    "lstm": ("input", "forget", "candidate", "output"),
}
"""In the order in which torch stacks them."""
OPEN = 100.0
"""A gate's input whose sigmoid is exactly 1 in every precision."""


class Weights(NamedTuple):
    """Of one layer in one direction; all gates, in torch's order."""

    input: Float[Tensor, "G D"]
    hidden: Float[Tensor, "G H"]
    input_bias: Float[Tensor, "G"]
    hidden_bias: Float[Tensor, "G"]


class LayerWeights(nn.Module):
    """Of one layer in one direction: the parameters of the gates that learn."""

    input: Tensor

    def __init__(
        self,
        *,
        cell: Cell,
        input_size: int | None,
        hidden_size: int,
        held_gates: Sequence[Gate] = (),
        coupled_gates: bool = False,
    ) -> None:
        """Drawn as torch's own layers draw theirs.

        Args:
            input_size: None where the inputs are what the learned gates read of them already: then their
                weights are the identity.
            held_gates: an LSTM's that are always 1.
            coupled_gates: an LSTM with input = 1 - forget (Greff et al. 2017's CIFG); a GRU with
                reset = 1 - update, which is Zhou et al. 2016's minimal gated unit: its update gate is 1 where
                ours is 0.
        """
        super().__init__()
        self.gates = GATES[cell]
        if (strange := {*held_gates} - {*self.gates}) or (coupled_gates and cell == "rnn"):
            raise ValueError(f"{cell} has no gates {', '.join(sorted(strange)) or 'to couple'}")
        self.held, self.coupled = frozenset(held_gates), coupled_gates
        follows = {*held_gates, *self.gates[: int(coupled_gates)]}
        self.learned = [gate for gate in self.gates if gate not in follows]
        self.hidden_size = hidden_size
        self.rows = rows = len(self.learned) * hidden_size
        if input_size is None:
            self.register_buffer("input", torch.eye(rows), persistent=False)
        else:
            self.input = nn.Parameter(torch.empty(rows, input_size))
        self.hidden = nn.Parameter(torch.empty(rows, hidden_size))
        self.input_bias = nn.Parameter(torch.empty(rows))
        self.hidden_bias = nn.Parameter(torch.empty(rows))
        bound = 1 / math.sqrt(hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def initialise(self, recurrent_init: Init, recurrent_scale: float, forget_bias: float) -> None:
        """See `Recurrent`."""
        if recurrent_init == "orthogonal":
            for gate in self.hidden.data.chunk(len(self.learned)):
                nn.init.orthogonal_(gate)
        self.hidden.data.mul_(recurrent_scale)
        if "forget" in self.learned:
            # The kernel adds two biases; the forget gate's sum is what counts.
            start = self.learned.index("forget") * self.hidden_size
            self.input_bias.data[start : start + self.hidden_size] = forget_bias
            self.hidden_bias.data[start : start + self.hidden_size] = 0.0

    def forward(self, weight_drop: float = 0.0) -> Weights:
        """All gates' weights; in training a share `weight_drop` of the recurrent ones is zero."""
        hidden = dropout(self.hidden, weight_drop, self.training)
        return Weights(
            self._stacked(self.input),
            self._stacked(hidden),
            self._stacked(self.input_bias, held=OPEN),
            self._stacked(self.hidden_bias),
        )

    def _stacked(self, learned: Tensor, held: float = 0.0) -> Tensor:
        if len(self.learned) == len(self.gates):
            return learned
        parts = dict(zip(self.learned, learned.chunk(len(self.learned)), strict=True))
        if self.coupled:
            parts[self.gates[0]] = -parts[self.gates[1]]
        for gate in self.held:
            parts[gate] = torch.full_like(parts["candidate"], held)
        return torch.cat([parts[gate] for gate in self.gates])
