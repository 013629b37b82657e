"""Tasks: the learning rate's course, and losses that do not depend on how many processes share a batch."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from pipeline.config.schema.classification import ClassifierModel
from pipeline.config.schema.experiment import Training
from pipeline.config.schema.translation import TranslatorModel, TranslatorTraining
from pipeline.data.pairs import PairBatches
from pipeline.data.store import Split, TokenColumn, write_column
from pipeline.data.texts import TextBatches
from pipeline.tasks.base import Task, learning_rate
from pipeline.tasks.many_to_one import ManyToOne
from pipeline.tasks.seq2seq import Seq2Seq, teacher_forcing
from pipeline.text.tokenizer import Tokenizer

VOCABULARY, CLASSES = 23, 3
ROWS = np.array([4, 2, 0, 6, 5, 3, 1])


@pytest.mark.parametrize(
    ("schedule", "progress", "rate"),
    [
        # A fifth of the steps to rise to 0.5.
        ("linear", 0.0, 0.5 * 5e-4),
        ("linear", 0.1, 0.25),
        ("linear", 0.2, 0.5),
        ("linear", 0.6, 0.25),
        ("linear", 0.999999, 0.0),
        ("cosine", 0.1, 0.25),
        ("cosine", 0.2, 0.5),
        ("cosine", 0.4, 0.25 * (1 + math.sqrt(0.5))),
        ("cosine", 0.6, 0.25),
        ("cosine", 0.999999, 0.0),
        ("constant", 0.1, 0.25),
        ("constant", 0.2, 0.5),
        ("constant", 0.999999, 0.5),
    ],
)
def test_learning_rate_takes_its_course(schedule: str, progress: float, rate: float) -> None:
    training = {"learning_rate": 0.5, "warmup": 0.2, "schedule": schedule}
    assert learning_rate(progress, training) == pytest.approx(rate, abs=1e-6)


@pytest.mark.parametrize(
    ("schedule", "progress", "share"),
    [
        ("constant", 0.0, 0.25),
        ("linear", 0.0, 1.0),
        ("linear", 0.5, 0.625),
        ("linear", 0.999999, 0.25),
        ("exponential", 0.0, 1.0),
        ("exponential", 0.5, 0.5),
        ("exponential", 0.999999, 0.25),
        ("inverse_sigmoid", 0.5, 0.625),
    ],
)
def test_teacher_forcing_takes_its_course(schedule: str, progress: float, share: float) -> None:
    training = {"teacher_forcing": 0.25, "teacher_forcing_schedule": schedule}
    assert teacher_forcing(progress, training) == pytest.approx(share, abs=1e-5)


def test_an_inverse_sigmoid_begins_with_the_reference_and_ends_near_its_limit() -> None:
    training = {"teacher_forcing": 0.25, "teacher_forcing_schedule": "inverse_sigmoid"}
    course = [teacher_forcing(progress / 100, training) for progress in range(100)]
    assert course == sorted(course, reverse=True)
    assert course[0] > 0.99
    assert course[-1] < 0.26


def test_without_warmup_the_first_step_is_at_the_peak() -> None:
    assert learning_rate(0.0, {"learning_rate": 0.5, "warmup": 0.0, "schedule": "linear"}) == 0.5


def rows_of(rng: Any, lengths: list[int]) -> list[list[int]]:
    return [rng.integers(4, VOCABULARY, length).tolist() for length in lengths]


@pytest.fixture
def split(tmp_path: Path) -> Split:
    rng = np.random.default_rng(7)
    write_column(tmp_path, "text", rows_of(rng, [5, 1, 13, 3, 7, 2, 11]))
    write_column(tmp_path, "source", rows_of(rng, [5, 1, 13, 3, 7, 2, 11]))
    write_column(tmp_path, "target", rows_of(rng, [2, 3, 11, 1, 5, 7, 4]))
    columns = {name: TokenColumn(tmp_path, name) for name in ("text", "source", "target")}
    return Split(tmp_path, columns, np.array([0, 1, 2, 0, 1, 2, 1]))


def classification(**training: Any) -> ManyToOne:
    from pipeline.build.classifier import build

    torch.manual_seed(3)
    model = ClassifierModel(embedding=5, hidden=7, layers=2, bidirectional=True, pooling="mean").model_dump()
    facts = {"vocabulary": {"text": VOCABULARY}, "classes": range(CLASSES)}
    network = build(model, facts).double()
    parameters = Training(epochs=2, learning_rate=0.1, **training).model_dump()
    return ManyToOne(network, parameters, classes=CLASSES)


def translation(**training: Any) -> Seq2Seq:
    from pipeline.build.translator import build

    torch.manual_seed(3)
    model = TranslatorModel(embedding=6, hidden=10, layers=1, tied_embeddings=True).model_dump()
    sizes = {"source": VOCABULARY, "target": VOCABULARY}
    network = build(model, {"vocabulary": sizes, "joint_vocabulary": True}).double()
    words = Tokenizer.train(["a b"], kind="word", vocabulary=9, minimum_frequency=1, lowercase=True)
    parameters = TranslatorTraining(epochs=2, learning_rate=0.1, **training).model_dump()
    return Seq2Seq(network, parameters, tokenizer=words, references=[["a"]] * 7, lowercase=True)


def gradients(task: Task, parts: list[Any]) -> dict[str, torch.Tensor]:
    """What data-parallel training averages: each process's own gradient."""
    task.zero_grad()
    for part in parts:
        (task.batch_loss(part) / len(parts)).backward()
    return {name: value.grad.clone() for name, value in task.named_parameters() if value.grad is not None}


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("ranks", [2, 3, 11])
def test_processes_share_a_batch_of_texts(split: Split, ranks: int, smoothing: float) -> None:
    task = classification(label_smoothing=smoothing)

    def parts(ranks: int) -> list[Any]:
        return [
            TextBatches(split, max_tokens=11, keep="last", rank=rank, ranks=ranks)[ROWS]
            for rank in range(ranks)
        ]

    alone, together = gradients(task, parts(1)), gradients(task, parts(ranks))
    assert alone.keys() == together.keys()
    assert len(alone) == len(list(task.network.parameters()))
    for name, gradient in alone.items():
        torch.testing.assert_close(together[name], gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("ranks", [2, 3, 11])
def test_processes_share_a_batch_of_pairs(split: Split, ranks: int, smoothing: float) -> None:
    task = translation(label_smoothing=smoothing)

    def parts(ranks: int) -> list[Any]:
        return [PairBatches(split, rank=rank, ranks=ranks)[ROWS] for rank in range(ranks)]

    alone, together = gradients(task, parts(1)), gradients(task, parts(ranks))
    assert alone.keys() == together.keys()
    for name, gradient in alone.items():
        torch.testing.assert_close(together[name], gradient, rtol=1e-9, atol=1e-12)


def test_loss_is_the_mean_over_texts(split: Split) -> None:
    task = classification()
    batch = TextBatches(split, max_tokens=97, keep="first")[ROWS]
    logits = task.network(batch.tokens, batch.lengths)
    torch.testing.assert_close(task.batch_loss(batch), F.cross_entropy(logits, batch.labels))
    assert task.batch_loss(batch).dtype == torch.float64


def test_loss_is_the_mean_over_predicted_tokens(split: Split) -> None:
    task = translation()
    batch = PairBatches(split)[ROWS]
    loss = task.network.loss(batch.source, batch.source_lengths, batch.target, batch.target_lengths)
    assert int(loss.tokens) == 2 + 3 + 11 + 1 + 5 + 7 + 4 + 7
    torch.testing.assert_close(task.batch_loss(batch), loss.total / loss.tokens)


def test_clipping_rescales_the_whole_gradient_and_keeps_its_norm(split: Split) -> None:
    task = classification(clip_norm=1e-3)
    task.batch_loss(TextBatches(split, max_tokens=97, keep="first")[ROWS]).backward()
    before = torch.cat([value.grad.flatten() for value in task.parameters() if value.grad is not None])
    task.configure_gradient_clipping(None)
    after = torch.cat([value.grad.flatten() for value in task.parameters() if value.grad is not None])
    assert float(task.gradient_norm) == pytest.approx(float(before.norm()))
    assert float(after.norm()) == pytest.approx(1e-3, rel=1e-2)
    torch.testing.assert_close(after / after.norm(), before / before.norm())


def test_without_a_largest_norm_nothing_is_clipped(split: Split) -> None:
    task = classification(clip_norm=None)
    task.batch_loss(TextBatches(split, max_tokens=97, keep="first")[ROWS]).backward()
    before = [value.grad.clone() for value in task.network.parameters() if value.grad is not None]
    task.configure_gradient_clipping(None)
    after = [value.grad for value in task.network.parameters() if value.grad is not None]
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    norm = float(torch.cat([gradient.flatten() for gradient in before]).norm())
    assert float(task.gradient_norm) == pytest.approx(norm)


def test_batches_move_whole(split: Split) -> None:
    """Also what is no tensor comes along."""
    task = classification()
    batch = TextBatches(split, max_tokens=97, keep="first", rank=1, ranks=2)[ROWS]
    moved = task.transfer_batch_to_device(batch, torch.device("meta"), 0)
    assert moved.tokens.device.type == moved.labels.device.type == "meta"
    assert moved.share == batch.share
    assert batch.tokens.device.type == "cpu"
