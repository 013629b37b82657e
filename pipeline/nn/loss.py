"""Label-smoothed cross-entropy of an output layer."""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F


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
    """
    log_probs = log_softmax(F.linear(inputs, weight, bias))
    nll = -log_probs.gather(1, targets.unsqueeze(1)).sum()
    uniform = -log_probs.mean(1).sum()
    return (1 - label_smoothing) * nll + label_smoothing * uniform, nll.detach()
