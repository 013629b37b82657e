"""What a search asks of a model, and what it answers."""

from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int
from torch import Tensor


class StepState(Protocol):
    """What a decoder carries from one step to the next, for N rows."""

    def select(self, indices: Int[Tensor, "M"], /) -> Self:
        """The state of rows `indices`, in that order; a row may be named several times or not at all."""
        ...


State = TypeVar("State", bound=StepState)


class StepModel(Protocol[State]):
    """A decoder that can be driven step by step."""

    def init_state(self, source: Int[Tensor, "B S"], source_lengths: Int[Tensor, "B"]) -> State:
        """The state before the first target token, one row per sentence."""
        ...

    def step(
        self, tokens: Int[Tensor, "N"], state: State
    ) -> tuple[Float[Tensor, "N V"], State, Float[Tensor, "N S"] | None]:
        """Reads each row's last token.

        Returns:
            log-probabilities of the next token (a fresh tensor: the search writes into it), the state after
            this step, and the attention weights over the source, None for a model without attention.
        """
        ...


@dataclass(frozen=True)
class Hypothesis:
    """One target sentence."""

    tokens: list[int]
    """Without BOS and EOS."""
    score: float
    """log_probability / length^a; the length counts EOS."""
    log_probability: float
    """Of the tokens and, if finished, of EOS; in nats."""
    attention: npt.NDArray[np.float32] | None
    """(tokens, source tokens) weights; None without attention."""
    finished: bool
    """False: cut off at the maximal length."""


def make_hypothesis(
    tokens: list[int], log_probability: float, attention: Any, *, finished: bool, length_normalisation: float
) -> Hypothesis:
    """A hypothesis from all generated tokens, EOS included if finished, and their attention or None."""
    words = len(tokens) - finished
    return Hypothesis(
        tokens=tokens[:words],
        score=log_probability / len(tokens) ** length_normalisation,
        log_probability=log_probability,
        attention=None if attention is None else attention[:words],
        finished=finished,
    )
