"""All checks, in the notes' order, and their table."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path

import torch

from pipeline.files import atomic_folder, write_text
from pipeline.probes.identities import (
    answers,
    attending,
    decoding,
    gated,
    gradients,
    introduction,
    layers,
    limits,
    scores,
    searching,
)
from pipeline.probes.identities.check import Check, Checks

GROUPS: dict[str, list[Checks]] = {
    "Introduction": introduction.CHECKS,
    "Forward propagation, one to many": answers.CHECKS,
    "Problems with RNN": gradients.CHECKS,
    "GRUs, LSTMs": gated.CHECKS,
    "Stacked, bi-directional, dropout": layers.CHECKS,
    "Encoder-decoder": decoding.CHECKS,
    "BLEU": scores.CHECKS,
    "Beam search": searching.CHECKS,
    "Attention": attending.CHECKS,
    "Limitations": limits.CHECKS,
}
SEED = 0


def run(checks: Checks) -> list[Check]:
    """With random numbers of its own, whatever ran before; leaves torch's as they were."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return list(checks())


def run_all() -> Iterator[Check]:
    for group in GROUPS.values():
        for checks in group:
            yield from run(checks)


def write(checks: list[Check], folder: Path) -> None:
    """checks.csv: claim, check, found, expected, passed."""
    text = io.StringIO()
    table = csv.DictWriter(text, [field.name for field in fields(Check)], lineterminator="\n")
    table.writeheader()
    table.writerows(map(asdict, checks))
    with atomic_folder(folder) as temporary:
        write_text(temporary / "checks.csv", text.getvalue())
