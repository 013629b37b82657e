"""Which trainings of a plain RNN diverge, by the spectral radius that its recurrent weights start with.

Plain RNNs, tanh and ReLU, learn the adding problem (Hochreiter & Schmidhuber 1997, section 5.4) at one
distance, with and without the gradient clipped by its norm (Pascanu et al. 2013, Algorithm 1). The recurrent
weights are a random orthogonal matrix times the radius; all runs of a seed have the same matrix, the same
other weights and the same rows, so that they are compared in pairs.

The optimiser is plain SGD: Adam divides by the gradient's size and so hides an explosion. Its rate is the
same everywhere: 0.03, of 0.01, 0.03, 0.1 and 0.3 the largest at which an output layer on states in [-1, 1],
as tanh's are, can't run away by itself. There the squared error's curvature is at most 2 (hidden + 1) = 66,
and SGD needs a rate below 2 / 66. At 0.1 tanh diverges too, at radii of 1 and more, but no longer where the
output layer stays as it is: it takes both, the gradient through time that drives states to their ends, and an
output layer too fast for such states (seen on seeds 1000 to 1002, which decide nothing).

A run that diverges is an outcome, no error.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from pipeline.code import code_digest
from pipeline.config.schema.params import Params
from pipeline.data.symbols import ASK, BLANK, MARK
from pipeline.files import write_json, write_text
from pipeline.machine import describe_machine
from pipeline.nn.recaller import Recaller

ACTIVATIONS: tuple[Literal["tanh", "relu"], ...] = ("tanh", "relu")
MEAN_ERROR = 1 / 6
"""Mean squared error of who always answers 1, the mean of a sum of two numbers from [0, 1)."""
TIMES = 10
"""A run whose loss at the end is more than so many times `MEAN_ERROR`, or no number, has diverged."""
DIGITS = "%.6g"


class Rows(NamedTuple):
    """Of the adding problem; the sum of the two marked numbers is wanted at the last step."""

    symbols: Int[Tensor, "B S"]
    numbers: Float[Tensor, "B S"]
    sums: Float[Tensor, "B"]


class Outcome(NamedTuple):
    """Of one training.

    `gradient`: its largest norm, before clipping. `loss`: at the end, on rows that no update saw. Both are
    infinite where they are no number. `step`: updates after which the loss stayed too large; None if it
    didn't.
    """

    gradient: float
    loss: float
    diverged: bool
    step: int | None


def measure(params: Params, results: Path, *, tell: Callable[[str], None] = print) -> None:
    """Writes runs.csv and, last, provenance.json.

    On the CPU, whatever `trainer` says: the networks are tiny.
    """
    start, settings = time.monotonic(), params.divergence.model_dump()
    torch.set_num_threads(params.trainer.threads)
    found = runs(settings)
    (results / "provenance.json").unlink(missing_ok=True)
    table = found.to_csv(index=False, lineterminator="\n", float_format=DIGITS)
    write_text(results / "runs.csv", table)
    minutes = round((time.monotonic() - start) / 60, 3)
    facts = {
        "probe": "divergence",
        "settings": settings,
        "worst": TIMES * MEAN_ERROR,
        "threads": params.trainer.threads,
        "code_digest": code_digest(__name__),
        "machine": describe_machine(),
        "minutes": minutes,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_json(results / "provenance.json", [facts])
    tell(f"divergence: {found['diverged'].sum()} of {len(found)} runs diverged; {minutes * 60:.0f} s")


def runs(settings: Mapping[str, Any]) -> pd.DataFrame:
    """activation, radius, clipping (off, on), seed, gradient, loss, diverged (0, 1), step; see `Outcome`."""
    rows = []
    for seed in range(settings["seeds"]):
        batches = draw(seed, settings["updates"] + 1, settings["batch_rows"], settings["distance"])
        for activation in ACTIVATIONS:
            for radius in settings["radii"]:
                for clipping, norm in (("off", math.inf), ("on", settings["clip_norm"])):
                    network = start(seed, activation, radius, settings["hidden"])
                    outcome = train(network, batches, settings["learning_rate"], norm)
                    named = {"activation": activation, "radius": radius, "clipping": clipping, "seed": seed}
                    rows.append(named | outcome._asdict() | {"diverged": int(outcome.diverged)})
    return pd.DataFrame(rows).astype({"step": "Int64"})


def draw(seed: int, batches: int, rows: int, distance: int) -> list[Rows]:
    """As `corpora/embedded/algorithmic.py` draws them, all at one distance."""
    rng = np.random.default_rng(seed)
    return [_batch(rng, rows, distance) for _ in range(batches)]


def start(seed: int, activation: Literal["tanh", "relu", "linear"], radius: float, hidden: int) -> Recaller:
    """A network before training."""
    torch.manual_seed(seed)
    return Recaller(
        symbols=MARK + 1,
        outputs=1,
        hidden=hidden,
        cell="rnn",
        activation=activation,
        recurrent_init="orthogonal",
        recurrent_scale=radius,
    )


def train(network: nn.Module, batches: Sequence[Rows], learning_rate: float, clip_norm: float) -> Outcome:
    """An update for every batch but the last, which is only scored. `clip_norm`: infinite clips nothing."""
    parameters = list(network.parameters())
    *seen, unseen = batches
    losses, norms = [], []
    for batch in seen:
        network.zero_grad()
        loss = error(network, batch)
        loss.backward()
        losses.append(loss.item())
        norms.append(clip_grad_norm_(parameters, clip_norm).item())
        _step(parameters, learning_rate)
    with torch.no_grad():
        losses.append(error(network, unseen).item())
    # tanh gives a number for a sum that is infinite.
    if not all(parameter.isfinite().all() for parameter in parameters):
        losses[-1] = math.inf
    stays = sum(1 for _ in takewhile(_too_large, reversed(losses)))
    return Outcome(
        gradient=max(map(_or_infinite, norms)),
        loss=_or_infinite(losses[-1]),
        diverged=stays > 0,
        step=len(losses) - stays if stays else None,
    )


def error(network: nn.Module, rows: Rows) -> Tensor:
    """Mean squared error of the last step's answers."""
    count, steps = rows.symbols.shape
    answers = network(rows.symbols, rows.numbers, torch.full((count,), steps))[:, -1, 0]
    errors: Tensor = answers - rows.sums
    return errors.square().mean()


@torch.no_grad()
def _step(parameters: Sequence[nn.Parameter], learning_rate: float) -> None:
    """Not torch.optim.SGD, whose first use imports a compiler for longer than a small probe takes."""
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.sub_(learning_rate * parameter.grad)


def _batch(rng: np.random.Generator, rows: int, distance: int) -> Rows:
    numbers = rng.uniform(size=(rows, distance + 1))
    numbers[:, -1] = 0
    other = rng.integers(1, distance, rows)
    symbols = np.full((rows, distance + 1), BLANK)
    symbols[:, 0] = symbols[np.arange(rows), other] = MARK
    symbols[:, -1] = ASK
    sums = numbers[:, 0] + numbers[np.arange(rows), other]
    return Rows(torch.from_numpy(symbols), torch.from_numpy(numbers).float(), torch.from_numpy(sums).float())


def _too_large(loss: float) -> bool:
    return not loss <= TIMES * MEAN_ERROR  # a NaN is


def _or_infinite(value: float) -> float:
    return math.inf if math.isnan(value) else value
