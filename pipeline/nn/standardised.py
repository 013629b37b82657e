"""Batch normalisation that several processes compute as one would."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce

MOMENTUM, EPSILON = 0.3, 1e-5


class Standardised(nn.Module):
    """Each unit to mean 0 and variance 1 over the rows of the whole batch, in evaluation over those of past
    batches (Ioffe and Szegedy 2015, without scale and shift).

    Pictures' vectors differ little beside what they have in common. As they are, a decoder learns for long to
    write without them: after five epochs of the generated scenes, of one seed, the same network and batches
    reach a validation CIDEr of .4 instead of 2.0.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("variance", torch.ones(size))
        self.mean: Tensor
        self.variance: Tensor

    def forward(self, rows: Float[Tensor, "B H"], *, counted: bool = True) -> Float[Tensor, "B H"]:
        """`counted`: whether these rows are of the batch, or stand in for none in this process."""
        exact = rows.to(torch.promote_types(rows.dtype, torch.float32))
        if not self.training:
            mean, variance = self.mean, self.variance
        else:
            mean, variance = _moments(exact, counted)
            with torch.no_grad():
                self.mean.lerp_(mean, MOMENTUM)
                self.variance.lerp_(variance, MOMENTUM)
        return ((exact - mean) / (variance + EPSILON).sqrt()).to(rows.dtype)


def _moments(rows: Float[Tensor, "B H"], counted: bool) -> tuple[Float[Tensor, "H"], Float[Tensor, "H"]]:
    """Mean and variance over the rows of all processes."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return rows.mean(0), rows.var(0, correction=0)
    sums = torch.cat([rows.sum(0), rows.square().sum(0), rows.new_full((1,), len(rows))])
    total: Tensor = all_reduce(sums * float(counted))
    mean, squares = (total[:-1] / total[-1]).chunk(2)
    return mean, (squares - mean.square()).clamp(min=0)
