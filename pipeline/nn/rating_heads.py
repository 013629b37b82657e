"""What makes ratings of a network's last outputs: a number, ordered thresholds, or classes.

Axes: B rows, O outputs, L levels, T thresholds (L - 1). Labels are places among the levels.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F


class Rated(NamedTuple):
    """In the levels' unit.

    `stars` is the median of the levels' probabilities, the guess of least expected absolute error. A head
    that gives a number only has no probabilities.
    """

    stars: Float[Tensor, "B"]
    probabilities: Float[Tensor, "B L"] | None


class Head(nn.Module):
    """`outputs`: how many numbers it reads of a row."""

    outputs: int
    levels: Float[Tensor, "L"]

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__()
        self.register_buffer("levels", torch.tensor(levels, dtype=torch.float32), persistent=False)

    def losses(self, given: Float[Tensor, "B O"], labels: Int[Tensor, "B"]) -> Float[Tensor, "B"]:
        """Of each row, to be minimised."""
        raise NotImplementedError

    def rated(self, given: Float[Tensor, "B O"]) -> Rated:
        raise NotImplementedError


class Regression(Head):
    """A number, 0 in the middle of the levels and ±1 at their ends; the loss is its squared error."""

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__(levels)
        self.outputs = 1
        self.middle, self.reach = (levels[-1] + levels[0]) / 2, (levels[-1] - levels[0]) / 2

    def losses(self, given: Float[Tensor, "B 1"], labels: Int[Tensor, "B"]) -> Float[Tensor, "B"]:
        return (given.squeeze(1) - (self.levels[labels] - self.middle) / self.reach).square()

    def rated(self, given: Float[Tensor, "B 1"]) -> Rated:
        stars = self.middle + self.reach * given.squeeze(1).clamp(-1, 1)
        return Rated(stars, None)


class Distribution(Head):
    """Probabilities of the levels; the loss is their negative log-likelihood."""

    def log_probabilities(self, given: Float[Tensor, "B O"]) -> Float[Tensor, "B L"]:
        raise NotImplementedError

    def losses(self, given: Float[Tensor, "B O"], labels: Int[Tensor, "B"]) -> Float[Tensor, "B"]:
        return F.nll_loss(self.log_probabilities(given), labels, reduction="none")

    def rated(self, given: Float[Tensor, "B O"]) -> Rated:
        probabilities = self.log_probabilities(given).exp()
        median = (probabilities.cumsum(1) < 0.5).sum(1).clamp(max=len(self.levels) - 1)
        return Rated(self.levels[median], probabilities)


class Classes(Distribution):
    """Levels as classes that know no order."""

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__(levels)
        self.outputs = len(levels)

    def log_probabilities(self, given: Float[Tensor, "B L"]) -> Float[Tensor, "B L"]:
        return given.log_softmax(1)


class Ordinal(Distribution):
    """Cumulative logits (McCullagh 1980, section 2.3): P(level <= k) = sigmoid(threshold_k - score).

    A row has one score; the thresholds are the same for all rows. They rise because the steps between them
    are softplus of what is learned. The first one stands still: the score's bias moves all of them.
    """

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__(levels)
        self.outputs = 1
        # At a score of 0 all levels are equally probable.
        shares = torch.arange(1, len(levels)) / len(levels)
        thresholds = shares.logit()
        self.first = math.log(1 / (len(levels) - 1))
        self.steps = nn.Parameter(thresholds.diff().expm1().log())

    @property
    def thresholds(self) -> Float[Tensor, "T"]:
        return self.first + F.pad(F.softplus(self.steps).cumsum(0), (1, 0))

    def log_probabilities(self, given: Float[Tensor, "B 1"]) -> Float[Tensor, "B L"]:
        above = self.thresholds - given
        # sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - exp(b - a)): no difference of near equals.
        between = F.pad((-torch.expm1(-F.softplus(self.steps))).log(), (1, 1))
        return F.pad(F.logsigmoid(above), (0, 1)) + F.pad(F.logsigmoid(-above), (1, 0)) + between


HEADS: dict[str, type[Regression] | type[Ordinal] | type[Classes]] = {
    "regression": Regression,
    "ordinal": Ordinal,
    "classes": Classes,
}
