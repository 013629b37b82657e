"""What each step of a recurrent layer has to do with the gradient of a loss."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.nn.fused import run_fused
from pipeline.nn.gates import Weights
from pipeline.nn.initial import FinalState
from pipeline.nn.recurrent import Recurrent
from pipeline.nn.stepwise import run_stepwise


@dataclass(frozen=True)
class Factors:
    """delta (S B G), what the gates' sums changed the loss by, and what (S B N) the weights multiplied.

    The gradient of the weights that lie between them is the sum of delta inputs^T over steps and rows.
    """

    delta: Float[Tensor, "S B G"]
    inputs: Float[Tensor, "S B N"]

    def norms(self) -> Float[Tensor, "S B"]:
        """Frobenius norm of every step's delta inputs^T, which has rank one."""
        return norm(self.delta) * norm(self.inputs)


class Opened(nn.Module):
    """One recurrent layer in one direction that shows the sums in its gates; its outputs are the layer's.

    It takes the layer's place in a network; `Rule` and weights stay as they are.
    """

    def __init__(self, layer: Recurrent) -> None:
        """
        Raises:
            ValueError: several layers or directions, inputs that are none, or gates that don't learn.
        """
        super().__init__()
        kernel = layer.kernels[0]
        if layer.layers > 1 or layer.directions > 1 or layer.reversed or layer.projected:
            raise ValueError("only a single layer that reads embeddings forwards can be opened")
        if kernel.held or kernel.coupled or layer.rule.recurrent_dropout == "zoneout":
            raise ValueError("a layer with held or coupled gates or with zoneout can't be opened")
        self.layer = layer

    def forward(
        self, inputs: Float[Tensor, "B S D"], lengths: Int[Tensor, "B"]
    ) -> tuple[Float[Tensor, "B S H"], FinalState]:
        """As `Recurrent`, of rows without padding, in evaluation mode."""
        rule, weights = self.layer.rule, self.layer.weights(0)
        self.inputs = inputs.transpose(0, 1)
        self.gates = F.linear(self.inputs, weights.input, weights.input_bias).requires_grad_()
        rows, units = self.gates.shape[1], self.layer.hidden_size
        state = self.layer.start(self.inputs)
        self.first = self.gates.new_zeros(rows, units) if state is None else state[0][0]
        begin = None if state is None else tuple(part[0] for part in state)
        # What the kernel reads is what the gates make of the input, so its input weights are the identity.
        read = Weights(
            torch.eye(len(weights.hidden), dtype=self.gates.dtype, device=self.gates.device),
            weights.hidden,
            torch.zeros_like(weights.input_bias),
            weights.hidden_bias,
        )
        rest = (read, self.gates, lengths, None, begin, False)
        kernel = rule.fused(training=False)
        self.hidden, final = run_fused(kernel, *rest) if kernel else run_stepwise(rule, *rest)
        return self.hidden.transpose(0, 1), tuple(part.unsqueeze(0) for part in final)

    def flow(self, loss: Tensor) -> tuple[Float[Tensor, "S B D"], list[Factors]]:
        """The loss's gradient by each step's input, and what the gradient of the weights is made of.

        Of the weights on inputs first, then of those on the hidden state before the step: of all gates
        together, but of a GRU's candidate apart if it resets before.
        """
        rule, weights, units = self.layer.rule, self.layer.weights(0), self.layer.hidden_size
        (delta,) = torch.autograd.grad(loss, self.gates)
        before = torch.cat([self.first[None], self.hidden[:-1]]).detach()
        onto_inputs = Factors(delta, self.inputs.detach())
        found = [Factors(delta, before)]
        if rule.cell == "gru":
            sums = self.gates[..., :units] + F.linear(
                before, weights.hidden[:units], weights.hidden_bias[:units]
            )
            reset = sums.detach().sigmoid()
            gates, candidate = delta.split((2 * units, units), -1)
            if rule.reset == "before":
                found = [Factors(gates, before), Factors(candidate, reset * before)]
            else:
                found = [Factors(torch.cat([gates, reset * candidate], -1), before)]
        return delta @ weights.input.detach(), [onto_inputs, *found]


def norm(vectors: Float[Tensor, "*rows N"]) -> Float[Tensor, "*rows"]:
    """Euclidean norm; squares neither overflow nor underflow, as those of gradients far back would."""
    largest = vectors.abs().amax(-1, keepdim=True)
    scaled = vectors / largest.masked_fill(largest == 0, 1.0)
    found: Tensor = largest.squeeze(-1) * torch.linalg.vector_norm(scaled, dim=-1)
    return found
