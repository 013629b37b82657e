"""Sequence to sequence from sound: frames in, words out."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torchmetrics import MeanMetric

from pipeline.build.transcriber import build as build_transcriber
from pipeline.data.speech import TRANSCRIPT, Speech
from pipeline.data.spoken import SpeechBatch, SpeechBatches
from pipeline.data.store import PreparedDataset
from pipeline.metrics.transcription import wer
from pipeline.nn.captioner import Begun
from pipeline.nn.transcriber import Transcriber
from pipeline.search.greedy import greedy_search
from pipeline.tasks.base import Task
from pipeline.text.tokenizer import BOS, EOS, Tokenizer

ARCHITECTURE = "transcriber"
"""Module of pipeline.build that makes the network of a bundle."""
LONGEST = 12
"""Most words of a transcript in validation, its end counted: fixed, so that scores don't depend on
decoding's settings."""


class TranscriptionTask(Task):
    """Cross-entropy over words; validated by the word accuracy of greedy transcripts, 1 - word error rate.

    Args:
        tokenizer: of the transcripts.
        references: of the validation split, one per row.
    """

    score_name = "word_accuracy"
    network: Transcriber

    def __init__(
        self,
        network: Transcriber,
        training: Mapping[str, Any],
        *,
        tokenizer: Tokenizer,
        references: Sequence[str],
    ) -> None:
        super().__init__(network, training)
        self.tokenizer, self.references = tokenizer, references
        self.loss = MeanMetric()
        self._transcripts: dict[int, str] = {}

    def batch_loss(self, batch: SpeechBatch) -> Tensor:
        loss = self.network.loss(
            batch.frames,
            batch.frame_lengths,
            batch.target,
            batch.target_lengths,
            label_smoothing=self.training_parameters["label_smoothing"],
        )
        return loss.total * batch.weight

    def validation_step(self, batch: SpeechBatch, batch_idx: int) -> None:
        if not batch.weight:
            return
        state = self.network.begin(batch.frames, batch.frame_lengths)
        loss = self.network.writer.loss(state, batch.target, batch.target_lengths)
        self.loss.update(loss.nll / loss.tokens, weight=loss.tokens)
        begun = Begun(self.network.writer, state)
        limits = torch.full_like(batch.rows, LONGEST)
        found = greedy_search(begun, *begun.places, max_lengths=limits, bos=BOS, eos=EOS)
        for row, hypothesis in zip(batch.rows.tolist(), found, strict=True):
            self._transcripts[row] = self.tokenizer.decode(hypothesis.tokens)

    def on_validation_epoch_end(self) -> None:
        transcripts = self.gathered(self._transcripts)
        rows = sorted(transcripts)
        error = wer([transcripts[row] for row in rows], [self.references[row] for row in rows])
        self.log("validation_loss", self.loss.compute())
        self.log("validation_score", 1 - error.value)
        self.loss.reset()
        self._transcripts = {}


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> TranscriptionTask:
    """The task for a prepared dataset and a run's parameters."""
    rows = dataset.split("validation").rows()
    return TranscriptionTask(
        build_transcriber(parameters["model"], dataset.description),
        parameters["training"],
        tokenizer=dataset.tokenizer(TRANSCRIPT),
        references=[str(reference) for (reference,) in rows["references"]],
    )


def batches(
    dataset: PreparedDataset, split: str, data: Mapping[str, Any], *, rank: int, ranks: int
) -> SpeechBatches:
    return SpeechBatches(Speech.read(dataset, split), rank=rank, ranks=ranks)


def token_count(batch: SpeechBatch) -> int:
    """Steps that are read, the unit of training speed."""
    return int(batch.frame_lengths.sum())
