"""Sequence to sequence from few pairs: the network may learn another target language first.

Zoph et al. 2016: a parent with many pairs, whose weights the child starts from.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.data.few_pairs import FewPairs
from pipeline.data.few_rows import FirstThen
from pipeline.data.pairs import PairBatches
from pipeline.data.store import PreparedDataset
from pipeline.tasks import seq2seq
from pipeline.tasks.seq2seq import ARCHITECTURE, Seq2Seq, token_count
from pipeline.tasks.two_phases import TwoPhases

__all__ = ["ARCHITECTURE", "ParentFirst", "batches", "build", "token_count"]


class ParentFirst(TwoPhases, Seq2Seq):
    """Cross-entropy over target tokens, of the parent's language first."""

    def on_validation_epoch_end(self) -> None:
        super().on_validation_epoch_end()
        self._translations = {}


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> ParentFirst:
    """The task for a prepared dataset and a run's parameters."""
    child = seq2seq.build(dataset, parameters)
    task = ParentFirst(
        child.network,
        parameters["training"],
        tokenizer=child.tokenizer,
        references=child.references,
        lowercase=child.lowercase,
        tokenize=child.tokenize,
    )
    task.first = parameters["data"].get("parent")
    return task


def batches(
    dataset: PreparedDataset, split: str, data: Mapping[str, Any], *, rank: int, ranks: int
) -> PairBatches | FewPairs | FirstThen:
    if split != "train":
        return seq2seq.batches(dataset, split, data, rank=rank, ranks=ranks)
    place: dict[str, Any] = {"rank": rank, "ranks": ranks}
    few, parent, rows = data.get("few"), data.get("parent"), dataset.split(split)
    child = PairBatches(rows, **place) if few is None else FewPairs(rows, **few, **place)
    if parent is None:
        return child
    return FirstThen(PairBatches(dataset.split("parent"), **place), child, epochs=parent["epochs"])
