"""Transcription: a loss over words that processes share, the score that validates it, and learning."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.config.schema.corpora import TonesCorpus
from pipeline.config.schema.datasets import SpokenDigits
from pipeline.config.schema.experiment import Training
from pipeline.config.schema.transcription import TranscriberModel
from pipeline.corpora import download
from pipeline.data.prepare import prepare
from pipeline.data.speech import Speech
from pipeline.data.spoken import SpeechBatches
from pipeline.data.store import PreparedDataset
from pipeline.metrics.transcription import wer
from pipeline.tasks.transcription import TranscriptionTask, build, token_count

TRAINING = Training(epochs=2, learning_rate=0.1)
ROWS = np.array([19, 3, 18, 0, 7])


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    root: Path = tmp_path_factory.mktemp("tones")
    download("tones", TonesCorpus(reader="tones", recordings=13), root / "raw")
    block = SpokenDigits.model_validate(
        {"kind": "spoken_digits", "corpus": "tones", "new_speaker": "amina", "hold_out": 2, "digits": 3}
        | {"rows": {"train": 600, "validation": 61, "test": 61}, "mels": 16, "stack": 4}
    )
    prepare(block, root / "raw", root / "prepared")
    return PreparedDataset.open(root / "prepared")


def task_for(dataset: PreparedDataset, **changes: Any) -> TranscriptionTask:
    torch.manual_seed(3)
    model = TranscriberModel(embedding=7, hidden=14).model_dump() | changes
    return build(dataset, {"model": model, "training": TRAINING.model_dump()})


def test_loss_is_the_mean_over_words(dataset: PreparedDataset) -> None:
    task, batches = task_for(dataset), SpeechBatches(Speech.read(dataset, "train"))
    batch = batches[ROWS]
    loss = task.network.loss(batch.frames, batch.frame_lengths, batch.target, batch.target_lengths)
    words = int((batch.target_lengths - 1).sum())
    torch.testing.assert_close(task.batch_loss(batch), loss.nll / words)
    assert token_count(batch) == batches.lengths[ROWS].sum()


@pytest.mark.parametrize("ranks", [2, 3, 7])
def test_processes_share_a_batch(dataset: PreparedDataset, ranks: int) -> None:
    task, speech = task_for(dataset).double(), Speech.read(dataset, "train")
    whole = _double(SpeechBatches(speech)[ROWS])
    parts = [_double(SpeechBatches(speech, rank=rank, ranks=ranks)[ROWS]) for rank in range(ranks)]
    together = sum(task.batch_loss(part) for part in parts) / ranks
    torch.testing.assert_close(together, task.batch_loss(whole))


def _double(batch: Any) -> Any:
    batch.frames = batch.frames.double()
    return batch


def test_validation_is_the_word_accuracy_of_greedy_transcripts(
    dataset: PreparedDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: dict[str, float] = {}
    task = task_for(dataset)
    monkeypatch.setattr(task, "log", lambda name, value: logged.update({name: float(value)}))
    monkeypatch.setattr(task, "gathered", lambda found: found)
    task.eval()
    batches = SpeechBatches(Speech.read(dataset, "validation"))
    with torch.no_grad():
        for rows in np.split(np.arange(61), [7, 18]):
            task.validation_step(batches[rows], 0)
        loss = task.batch_loss(batches[np.arange(61)])
    assert sorted(task._transcripts) == list(range(61))
    found = wer([task._transcripts[row] for row in range(61)], task.references).value
    task.on_validation_epoch_end()
    assert logged["validation_loss"] == pytest.approx(float(loss), rel=1e-4)
    assert logged["validation_score"] == pytest.approx(1 - found)
    assert task._transcripts == {}


@pytest.mark.parametrize(
    ("changes", "errors"),
    [({"attention": "none"}, 0.4), ({"attention": "luong", "input_feeding": True}, 0.15)],
)
def test_training_learns_to_write_what_is_said(
    dataset: PreparedDataset, changes: dict[str, Any], errors: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recordings that it never heard, of speakers that it knows."""
    task = task_for(dataset, hidden=28, **changes)
    batches = SpeechBatches(Speech.read(dataset, "train"))
    optimiser = torch.optim.Adam(task.parameters(), lr=0.015)
    for epoch in range(9):
        for rows in batches.order(budget=400, seed=1, epoch=epoch):
            optimiser.zero_grad()
            task.batch_loss(batches[rows]).backward()
            torch.nn.utils.clip_grad_norm_(task.parameters(), 1.0)
            optimiser.step()
    monkeypatch.setattr(task, "gathered", lambda found: found)
    monkeypatch.setattr(task, "log", lambda name, value: None)
    task.eval()
    with torch.no_grad():
        task.validation_step(SpeechBatches(Speech.read(dataset, "validation"))[np.arange(61)], 0)
    assert wer([task._transcripts[row] for row in range(61)], task.references).value < errors
