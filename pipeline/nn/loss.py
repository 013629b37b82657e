"""Label-smoothed cross-entropy, fused with the output layer."""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

ELEMENTS_AT_ONCE = {"cpu": 2**19, "cuda": 2**26}
"""Logits turned into gradients at a time: what fits a core's cache; what fills a GPU."""


def log_softmax(logits: Float[Tensor, "*B V"]) -> Float[Tensor, "*B V"]:
    """In float32 at least, whatever the logits' precision."""
    return logits.log_softmax(-1, dtype=torch.promote_types(logits.dtype, torch.float32))


def linear_cross_entropy(
    inputs: Float[Tensor, "N H"],
    weight: Float[Tensor, "V H"],
    bias: Float[Tensor, "V"],
    targets: Int[Tensor, "N"],
    *,
    label_smoothing: float = 0.0,
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """Sums over N of the smoothed loss and, detached, of the negative log-likelihood.

    The smoothed target is (1 - e) on the true word plus e / V on every word (Szegedy et al. 2016, section 7).
    Loss and gradient come from one pass over the logits, which turns them into their gradient in place: the
    only N x V tensor is held once, in the precision of the product (autocast's, where that is on).
    """
    sums: tuple[Tensor, Tensor] = _LinearCrossEntropy.apply(inputs, weight, bias, targets, label_smoothing)
    return sums


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        inputs: Float[Tensor, "N H"],
        weight: Float[Tensor, "V H"],
        bias: Float[Tensor, "V"],
        targets: Int[Tensor, "N"],
        label_smoothing: float,
    ) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        device = inputs.device.type
        dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else inputs.dtype
        with torch.autocast(device, enabled=False):
            inputs, weight = inputs.to(dtype), weight.to(dtype)
            logits = torch.addmm(bias.to(dtype), inputs, weight.t())
            rows = max(1, ELEMENTS_AT_ONCE.get(device, 2**26) // logits.shape[1])
            sums = [
                _loss_and_gradient(part, wanted.unsqueeze(1), label_smoothing)
                for part, wanted in zip(logits.split(rows), targets.split(rows), strict=True)
            ]
        total, nll = torch.stack(sums).sum(0) if sums else logits.new_zeros(2)
        ctx.mark_non_differentiable(nll)
        ctx.save_for_backward(inputs, weight, logits)
        return total, nll

    @staticmethod
    def backward(ctx: Any, total: Float[Tensor, ""], _: Any) -> tuple[Tensor, Tensor, Tensor, None, None]:
        inputs, weight, gradient = ctx.saved_tensors
        scale = total.to(gradient.dtype)
        return gradient @ weight * scale, gradient.t() @ inputs * scale, gradient.sum(0) * scale, None, None


def _loss_and_gradient(
    logits: Float[Tensor, "N V"], wanted: Int[Tensor, "N 1"], label_smoothing: float
) -> Float[Tensor, "2"]:
    """Summed (smoothed loss, negative log-likelihood); leaves the smoothed loss's gradient in `logits`."""
    exact = logits.to(torch.promote_types(logits.dtype, torch.float32))
    mean = exact.mean(1, keepdim=True)
    chosen = exact.gather(1, wanted)
    highest = exact.amax(1, keepdim=True)
    probabilities = exact.softmax(1)
    # The highest probability is at least 1 / V: its logarithm is safe, which that of the wanted word isn't.
    partition = highest - probabilities.amax(1, keepdim=True).log()
    probabilities -= label_smoothing / logits.shape[1]
    probabilities.scatter_add_(1, wanted, torch.full_like(chosen, label_smoothing - 1))
    logits.copy_(probabilities)
    nll = partition - chosen
    smoothed = partition - (1 - label_smoothing) * chosen - label_smoothing * mean
    return torch.stack((smoothed.sum(), nll.sum()))
