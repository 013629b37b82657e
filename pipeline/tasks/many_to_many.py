"""Many to many, aligned: a sentence in, a tag for each word out."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor
from torchmetrics import MeanMetric

from pipeline.build.tagger import build as build_tagger
from pipeline.data.store import PreparedDataset
from pipeline.data.tagged import TaggedBatch, TaggedBatches
from pipeline.metrics.tagging import accuracy, bio_scores
from pipeline.nn.tagger import Tagger
from pipeline.tasks.base import Task

ARCHITECTURE = "tagger"
"""Module of pipeline.build that makes the network of a bundle."""
Rows = dict[int, tuple[list[str], list[str]]]
"""Row -> tags, predicted tags."""


class ManyToMany(Task):
    """Negative log-likelihood of the tags, per word; validated by accuracy, or by entity F1.

    Args:
        tags: names of tags 0, 1, …
        scheme: "plain", or "bio" where tags are parts of entities.
    """

    network: Tagger

    def __init__(
        self, network: Tagger, training: Mapping[str, Any], *, tags: Sequence[str], scheme: str
    ) -> None:
        super().__init__(network, training)
        self.tags = list(tags)
        self.score_name = "entity_f1" if scheme == "bio" else "accuracy"
        self.loss = MeanMetric()
        self._found: Rows = {}

    def batch_loss(self, batch: TaggedBatch) -> Tensor:
        smoothing = self.training_parameters["label_smoothing"]
        loss = self.network.loss(
            batch.words, batch.characters, batch.lengths, batch.tags, label_smoothing=smoothing
        )
        return loss * batch.weight

    def validation_step(self, batch: TaggedBatch, batch_idx: int) -> None:
        if not batch.weight:
            return
        words = batch.lengths.sum()
        loss = self.network.loss(batch.words, batch.characters, batch.lengths, batch.tags)
        self.loss.update(loss / words, weight=words)
        found = self.network.tag(batch.words, batch.characters, batch.lengths)
        for row, length, tags, predicted in zip(
            batch.rows.tolist(), batch.lengths.tolist(), batch.tags.tolist(), found.tolist(), strict=True
        ):
            self._found[row] = self._names(tags[:length]), self._names(predicted[:length])

    def on_validation_epoch_end(self) -> None:
        pairs = list(self.gathered(self._found).values())
        tags, predicted = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        score = (
            bio_scores(tags, predicted)["entity_f1"]
            if self.score_name == "entity_f1"
            else accuracy(tags, predicted)
        )
        self.log("validation_loss", self.loss.compute())
        self.log("validation_score", score.value)
        self.loss.reset()
        self._found = {}

    def _names(self, numbers: list[int]) -> list[str]:
        return [self.tags[number] for number in numbers]


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> ManyToMany:
    """The task for a prepared dataset and a run's parameters."""
    facts = dataset.description
    network = build_tagger(parameters["model"], facts)
    return ManyToMany(network, parameters["training"], tags=facts["tags"], scheme=facts["scheme"])


def batches(
    dataset: PreparedDataset, split: str, data: Mapping[str, Any], *, rank: int, ranks: int
) -> TaggedBatches:
    return TaggedBatches(dataset.split(split), rank=rank, ranks=ranks)


def token_count(batch: TaggedBatch) -> int:
    """Words, the unit of training speed."""
    return int(batch.lengths.sum())
