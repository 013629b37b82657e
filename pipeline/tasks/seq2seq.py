"""Sequence to sequence: a sentence in, a sentence of another length out."""

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torchmetrics import MeanMetric

from pipeline.build.translator import build as build_translator
from pipeline.data.pairs import PairBatch, PairBatches
from pipeline.data.store import PreparedDataset
from pipeline.metrics.translation import USUAL, bleu, tokenisation
from pipeline.nn.translator import Translator
from pipeline.search.greedy import greedy_search
from pipeline.tasks.base import Task
from pipeline.text.tokenizer import BOS, EOS, Tokenizer

ARCHITECTURE = "translator"
"""Module of pipeline.build that makes the network of a bundle."""

STEEPNESS = 12.0
"""Of the inverse sigmoid: it begins and ends within 0.3 % of its limits."""


class Seq2Seq(Task):
    """Cross-entropy over target tokens; validated by the BLEU of greedy translations.

    Args:
        tokenizer: of the target side.
        references: of the validation split, one list per row.
        lowercase: whether BLEU ignores case, as the tokenizer does.
        tokenize: how BLEU cuts sentences into words, by its name in sacreBLEU.
    """

    score_name = "bleu"
    network: Translator

    def __init__(
        self,
        network: Translator,
        training: Mapping[str, Any],
        *,
        tokenizer: Tokenizer,
        references: list[list[str]],
        lowercase: bool,
        tokenize: str = USUAL,
    ) -> None:
        super().__init__(network, training)
        self.tokenizer, self.references = tokenizer, references
        self.lowercase, self.tokenize = lowercase, tokenize
        self.loss = MeanMetric()
        self._translations: dict[int, str] = {}

    def batch_loss(self, batch: PairBatch) -> Tensor:
        loss = self.network.loss(
            batch.source,
            batch.source_lengths,
            batch.target,
            batch.target_lengths,
            label_smoothing=self.training_parameters["label_smoothing"],
            teacher_forcing=teacher_forcing(self.progress, self.training_parameters),
        )
        return loss.total * batch.weight

    def validation_step(self, batch: PairBatch, batch_idx: int) -> None:
        if not batch.weight:
            return
        loss = self.network.loss(batch.source, batch.source_lengths, batch.target, batch.target_lengths)
        self.loss.update(loss.nll / loss.tokens, weight=loss.tokens)
        longest = 2 * batch.source_lengths + 10
        found = greedy_search(
            self.network, batch.source, batch.source_lengths, max_lengths=longest, bos=BOS, eos=EOS
        )
        for row, hypothesis in zip(batch.rows.tolist(), found, strict=True):
            self._translations[row] = self.tokenizer.decode(hypothesis.tokens)

    def on_validation_epoch_end(self) -> None:
        translations = self.gathered(self._translations)
        rows = sorted(translations)
        score = bleu(
            [translations[row] for row in rows],
            [self.references[row] for row in rows],
            lowercase=self.lowercase,
            tokenize=self.tokenize,
        )
        self.log("validation_loss", self.loss.compute())
        self.log("validation_score", score.value)
        self.loss.reset()
        self._translations = {}


def teacher_forcing(progress: float, training: Mapping[str, Any]) -> float:
    """Share of the reference's words at `progress` in [0, 1) of the training.

    Bengio et al. 2015, section 2.4: from 1 down to the parameter's value, along a line, a power of it, or an
    S whose middle is the middle of the training.
    """
    last = float(training["teacher_forcing"])
    match training["teacher_forcing_schedule"]:
        case "linear":
            return 1 - (1 - last) * progress
        case "exponential":
            return float(last**progress)
        case "inverse_sigmoid":
            return last + (1 - last) / (1 + math.exp(STEEPNESS * (progress - 0.5)))
        case _:
            return last


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> Seq2Seq:
    """The task for a prepared dataset and a run's parameters."""
    network = build_translator(parameters["model"], dataset.description)
    rows = dataset.split("validation").rows()
    return Seq2Seq(
        network,
        parameters["training"],
        tokenizer=dataset.tokenizer("target"),
        references=[list(references) for references in rows["references"]],
        lowercase=dataset.description["lowercase"],
        tokenize=tokenisation(dataset.description["target"]),
    )


def batches(
    dataset: PreparedDataset, split: str, data: Mapping[str, Any], *, rank: int, ranks: int
) -> PairBatches:
    return PairBatches(dataset.split(split), rank=rank, ranks=ranks)


def token_count(batch: PairBatch) -> int:
    """Target tokens to predict, the unit of training speed."""
    return int(batch.target_lengths.sum()) - len(batch.target_lengths)
