"""What a probe of gradients lets a network read: rows of one length, each with one question at its end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.bundle.load import Bundle
from pipeline.data.batches import shortened
from pipeline.data.step_batches import StepsBatches
from pipeline.data.store import Ids, Index, PreparedDataset, Split
from pipeline.errors import UserError


@dataclass(frozen=True)
class RowsRead:
    """`inputs`: what the network reads, (B, S) each, without padding; `asked`: the right answers, (B,)."""

    inputs: tuple[Tensor, ...]
    asked: Tensor

    def split(self, rows: int) -> Iterator["RowsRead"]:
        """At most so many rows at a time."""
        parts = zip(*(part.split(rows) for part in self.inputs), strict=True)
        for inputs, asked in zip(parts, self.asked.split(rows), strict=True):
            yield RowsRead(inputs, asked)

    def scores(self, network: nn.Module) -> Tensor:
        """Of every possible answer, (B, C): the last step's, of a network that answers at each."""
        rows, steps = self.inputs[0].shape
        found: Tensor = network(*self.inputs, torch.full((rows,), steps))
        return found[:, -1] if found.dim() == 3 else found


def rows_read(bundle: Bundle, dataset: PreparedDataset, settings: Mapping[str, Any]) -> RowsRead:
    """Rows of the first test split, at most `settings["reviews"]`, spread evenly over those that fit.

    Raises:
        UserError: none fits.
    """
    split = dataset.split(dataset.description["tests"][0])
    choose = _recalled if bundle.description["architecture"] == "recaller" else _texts
    return choose(bundle, split, settings)


def _texts(bundle: Bundle, split: Split, settings: Mapping[str, Any]) -> RowsRead:
    """Texts that the network's cut leaves no shorter than itself."""
    data = bundle.description["data"]
    assert split.labels is not None
    column, cut = split.columns["text"], data["max_tokens"]
    rows = np.flatnonzero(column.lengths >= cut)
    if not len(rows):
        raise UserError(f"gradient_flow: no test text has data.max_tokens {cut}; lower it")
    rows = _spread(rows, settings["reviews"])
    texts = [shortened(column[int(row)], cut, data["keep"]).astype(np.int64) for row in rows]
    return RowsRead((torch.from_numpy(np.stack(texts)),), torch.from_numpy(split.labels[rows]))


def _recalled(bundle: Bundle, split: Split, settings: Mapping[str, Any]) -> RowsRead:
    """Rows that ask for their first letter, cut to that and their last steps: the question stays the same."""
    steps, asked = settings["steps"], split.columns["distances"]
    long: list[int] = np.flatnonzero(asked.lengths >= steps).tolist()
    letters = bundle.description["wanted"] == "symbols"
    rows = np.array([row for row in long if letters and _asks_for_its_first(asked[row])], dtype=np.int64)
    if not len(rows):
        raise UserError(
            f"gradient_flow: no test row of steps {steps} or more asks for its first letter only; lower "
            "steps, or take an experiment on problem recall"
        )
    batches = StepsBatches(split)
    read = [batches[np.array([row])] for row in _spread(rows, settings["reviews"])]
    inputs = tuple(
        torch.cat([torch.cat((part[:, :1], part[:, 1 - steps :]), 1) for part in parts])
        for parts in ([each.symbols for each in read], [each.numbers.double() for each in read])
    )
    return RowsRead(inputs, torch.stack([each.targets[0, -1] for each in read]).long())


def _asks_for_its_first(distances: Ids) -> bool:
    last = len(distances) - 1
    return np.flatnonzero(distances).tolist() == [last] and int(distances[last]) == last


def _spread(rows: Index, wanted: int) -> Index:
    """Evenly: a corpus may have its classes one behind the other."""
    chosen: Index = rows[np.unique(np.linspace(0, len(rows) - 1, min(wanted, len(rows))).round().astype(int))]
    return chosen
