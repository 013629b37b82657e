"""How the time of a training step grows with the batch and with the text.

A step is the loss of random words and its gradient: of encoder-decoders with one LSTM layer on either side,
without attention, with Luong's and with Bahdanau's; and of a convolution with about as many parameters, which
has no recurrence. Texts have no padding. Two sets of shapes are timed:
  S = T     all batch sizes with all lengths. Exponents p, q of time ~ (S + T)^p batch^q are fitted to these.
  S grows   T stays the longest length, the batch the largest: what a longer source costs a target step, which
            is where attention's S T comes in.
Every repeat goes through all of them in an order of its own, since a machine that warms up or has other work
would else look like an exponent.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from jaxtyping import Int
from torch import Tensor

from pipeline.code import code_digest
from pipeline.config.schema.params import Params
from pipeline.errors import UserError
from pipeline.files import write_json, write_text
from pipeline.machine import describe_machine
from pipeline.nn.budget import count_parameters
from pipeline.nn.memory import keep_freed_memory
from pipeline.nn.translator import Translator
from pipeline.nn.writer import WriterOptions
from pipeline.probes.convolution import Convolution
from pipeline.text.tokenizer import EOS

RECURRENT: dict[str, WriterOptions] = {
    "none": {"cell": "lstm", "attention": "none"},
    "luong": {"cell": "lstm", "attention": "luong", "score": "general"},
    "bahdanau": {"cell": "lstm", "attention": "bahdanau", "score": "concat"},
}
STEPS = 3
"""Of one shape, one after the other: their median counts."""
DIGITS = "%.6g"

Network = Translator | Convolution


class Shape(NamedTuple):
    batch: int
    source: int
    target: int


class Texts(NamedTuple):
    """What `loss` reads."""

    source: Int[Tensor, "B S"]
    source_lengths: Int[Tensor, "B"]
    target: Int[Tensor, "B T"]
    target_lengths: Int[Tensor, "B"]


def measure(params: Params, results: Path, *, tell: Callable[[str], None] = print) -> None:
    """Writes times.csv, exponents.csv and, last, provenance.json.

    Raises:
        UserError: the accelerator that `trainer` names isn't there.
    """
    start, settings = time.monotonic(), params.timing.model_dump()
    device = device_of(params.trainer.accelerator)
    torch.set_num_threads(params.trainer.threads)
    keep_freed_memory()
    found = networks(settings["hidden"], settings["vocabulary"])
    timed = times(found, shapes(settings), settings, device)
    (results / "provenance.json").unlink(missing_ok=True)
    for name, table in {"times": timed, "exponents": exponents(timed)}.items():
        write_text(
            results / f"{name}.csv", table.to_csv(index=False, lineterminator="\n", float_format=DIGITS)
        )
    minutes = round((time.monotonic() - start) / 60, 3)
    facts = {
        "probe": "timing",
        "settings": settings,
        "device": device.type,
        "threads": params.trainer.threads,
        "parameters": {name: count_parameters(network) for name, network in found.items()},
        "code_digest": code_digest(__name__),
        "machine": describe_machine(),
        "minutes": minutes,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_json(results / "provenance.json", [facts])
    tell(f"timing: {len(timed):,} times of {len(found)} networks on {device.type} in {minutes * 60:.0f} s")


def device_of(accelerator: str) -> torch.device:
    """Of `trainer.accelerator`.

    Raises:
        UserError: it is a GPU and there is none.
    """
    there = torch.cuda.is_available()
    if accelerator == "gpu" and not there:
        raise UserError("trainer.accelerator: gpu; torch finds none here; write cpu or auto")
    return torch.device("cpu" if accelerator == "cpu" or not there else "cuda")


def networks(hidden: int, vocabulary: int) -> dict[str, Network]:
    """By name; all have words of `hidden` numbers, and `vocabulary` words on both sides."""
    found: dict[str, Network] = {
        name: Translator(
            source_vocabulary=vocabulary,
            target_vocabulary=vocabulary,
            embedding=hidden,
            hidden=hidden,
            bidirectional=False,
            **options,
        )
        for name, options in RECURRENT.items()
    }
    # Luong's is the middle one of the three.
    size = count_parameters(found["luong"])
    return found | {"convolution": Convolution.of_size(size, vocabulary=vocabulary, hidden=hidden)}


def shapes(settings: Mapping[str, Any]) -> list[Shape]:
    """Those with S = T, then those in which S alone grows."""
    batches, lengths = settings["batches"], settings["lengths"]
    even = [Shape(batch, length, length) for batch in batches for length in lengths]
    return even + [Shape(batches[-1], length, lengths[-1]) for length in lengths[:-1]]


def times(
    networks: Mapping[str, Network], shapes: list[Shape], settings: Mapping[str, Any], device: torch.device
) -> pd.DataFrame:
    """network, batch, source, target, repeat, seconds of one step; in the order of networks and shapes."""
    cells = [(name, shape) for name in networks for shape in shapes]
    texts = {shape: random_texts(shape, settings["vocabulary"], device) for shape in shapes}
    for network in networks.values():
        network.to(device)

    def median(cell: int) -> float:
        name, shape = cells[cell]
        return statistics.median(seconds(networks[name], texts[shape], device) for _ in range(STEPS))

    for name, shape in cells:  # warms caches and kernels up
        seconds(networks[name], texts[shape], device)
    rows = []
    for repeat in range(settings["repeats"]):
        order = np.random.default_rng(repeat).permutation(len(cells)).tolist()
        found = {cell: median(cell) for cell in order}
        rows += [
            {"network": name, **shape._asdict(), "repeat": repeat, "seconds": found[cell]}
            for cell, (name, shape) in enumerate(cells)
        ]
    return pd.DataFrame(rows)


def random_texts(shape: Shape, vocabulary: int, device: torch.device) -> Texts:
    """As long as the shape says, without padding; targets have a first word that is only read."""
    batch, source, target = shape
    return Texts(
        torch.randint(EOS + 1, vocabulary, (batch, source), device=device),
        torch.full((batch,), source, device=device),
        torch.randint(EOS + 1, vocabulary, (batch, target + 1), device=device),
        torch.full((batch,), target + 1, device=device),
    )


def seconds(network: Network, texts: Texts, device: torch.device) -> float:
    """Forward and backward, without the optimiser, whose time hangs on the parameters alone."""
    _finish(device)
    start = time.perf_counter()
    loss = network.loss(*texts)
    (loss.total / loss.tokens).backward()
    _finish(device)
    taken = time.perf_counter() - start
    network.zero_grad()
    return taken


def exponents(times: pd.DataFrame) -> pd.DataFrame:
    """network, repeat, of (steps: S + T; batch), exponent: least squares of log time on both, where S = T."""
    rows = []
    even = times[times["source"] == times["target"]]
    for (network, repeat), own in even.groupby(["network", "repeat"], sort=False):
        steps, batch = np.log(own["source"] + own["target"]), np.log(own["batch"])
        design = np.column_stack([np.ones(len(own)), steps, batch])
        (_, *slopes), *_ = np.linalg.lstsq(design, np.log(own["seconds"]))
        rows += [
            {"network": network, "repeat": repeat, "of": of, "exponent": slope}
            for of, slope in zip(("steps", "batch"), slopes, strict=True)
        ]
    return pd.DataFrame(rows)


def _finish(device: torch.device) -> None:
    """A GPU answers before it has worked."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
