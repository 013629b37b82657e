"""One to many: a picture in, a sentence out."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torchmetrics import MeanMetric

from pipeline.build.captioner import build as build_captioner
from pipeline.data.captioned import CaptionBatch, CaptionBatches
from pipeline.data.pictures import CAPTION, Pictures
from pipeline.data.store import PreparedDataset
from pipeline.metrics.captioning import cider
from pipeline.nn.captioner import Begun, Captioner
from pipeline.nn.picture import varied
from pipeline.search.greedy import greedy_search
from pipeline.tasks.base import Task
from pipeline.text.tokenizer import BOS, EOS, Tokenizer

ARCHITECTURE = "captioner"
"""Module of pipeline.build that makes the network of a bundle."""
LONGEST = 30
"""Most tokens of a caption in validation: fixed, so that scores don't depend on decoding's settings."""


class OneToMany(Task):
    """Cross-entropy over all captions of each picture; validated by the CIDEr of greedy captions.

    Args:
        tokenizer: of the captions.
        references: of the validation split, one list per picture.
        lowercase: whether scores ignore case, as the tokenizer does.
    """

    score_name = "cider"
    network: Captioner

    def __init__(
        self,
        network: Captioner,
        training: Mapping[str, Any],
        *,
        tokenizer: Tokenizer,
        references: list[list[str]],
        lowercase: bool,
    ) -> None:
        super().__init__(network, training)
        self.tokenizer, self.references, self.lowercase = tokenizer, references, lowercase
        self.loss = MeanMetric()
        self._captions: dict[int, str] = {}

    def batch_loss(self, batch: CaptionBatch) -> Tensor:
        training = self.training_parameters
        loss = self.network.loss(
            varied(batch.pictures, flips=training["flips"], crops=training["crops"]),
            batch.owner,
            batch.target,
            batch.target_lengths,
            label_smoothing=training["label_smoothing"],
            counted=batch.weight > 0,
        )
        return loss.total * batch.weight

    def validation_step(self, batch: CaptionBatch, batch_idx: int) -> None:
        if not batch.weight:
            return
        state = self.network.begin(batch.pictures)
        loss = self.network.writer.loss(state.select(batch.owner), batch.target, batch.target_lengths)
        self.loss.update(loss.nll / loss.tokens, weight=loss.tokens)
        begun = Begun(self.network.writer, state)
        limits = torch.full_like(batch.rows, LONGEST)
        found = greedy_search(begun, *begun.places, max_lengths=limits, bos=BOS, eos=EOS)
        for row, hypothesis in zip(batch.rows.tolist(), found, strict=True):
            self._captions[row] = self.tokenizer.decode(hypothesis.tokens)

    def on_validation_epoch_end(self) -> None:
        captions = self.gathered(self._captions)
        rows = sorted(captions)
        score = cider(
            [captions[row] for row in rows], [self.references[row] for row in rows], lowercase=self.lowercase
        )
        self.log("validation_loss", self.loss.compute())
        self.log("validation_score", score.value)
        self.loss.reset()
        self._captions = {}


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> OneToMany:
    """The task for a prepared dataset and a run's parameters."""
    rows = dataset.split("validation").rows()
    return OneToMany(
        build_captioner(parameters["model"], dataset.description),
        parameters["training"],
        tokenizer=dataset.tokenizer(CAPTION),
        references=[list(references) for references in rows["references"]],
        lowercase=dataset.description["lowercase"],
    )


def batches(
    dataset: PreparedDataset, split: str, data: Mapping[str, Any], *, rank: int, ranks: int
) -> CaptionBatches:
    longest = data["max_tokens"] if split == "train" else None
    return CaptionBatches(Pictures.read(dataset, split), longest=longest, rank=rank, ranks=ranks)


def token_count(batch: CaptionBatch) -> int:
    """Words to predict, the unit of training speed."""
    return int(batch.target_lengths.sum()) - len(batch.target_lengths)
