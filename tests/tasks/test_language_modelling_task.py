"""Loss per token with the state of the window before, shared by processes; validation over the whole text."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.build.language_model import build
from pipeline.config.schema.experiment import Optimisation
from pipeline.config.schema.language_modelling import LanguageModel
from pipeline.data.store import PreparedDataset, write_column
from pipeline.data.streams import StreamBatches
from pipeline.files import write_json
from pipeline.tasks import language_modelling
from pipeline.tasks.base import Task
from pipeline.tasks.language_modelling import VALIDATION_STREAMS, LanguageModelling, token_count

VOCABULARY, STREAMS, WINDOW = 23, 5, 3
IDS = np.random.default_rng(7).integers(4, VOCABULARY, 67).astype(np.uint16)
"""Five streams of 14, 14, 14, 14 and 11: the last windows are ragged."""


def windows(rank: int = 0, ranks: int = 1) -> list[Any]:
    batches = StreamBatches(IDS, streams=STREAMS, window=WINDOW, rank=rank, ranks=ranks)
    return [batches[rows] for rows in batches.order()]


@pytest.fixture(autouse=True)
def untimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No trainer, hence no learning rate to be set."""
    monkeypatch.setattr(Task, "on_train_batch_start", lambda self, batch, batch_idx: None)


def task(**model: Any) -> LanguageModelling:
    torch.manual_seed(3)
    block = LanguageModel.model_validate({"embedding": 5, "hidden": 7} | model).model_dump()
    network = build(block, {"vocabulary": {"text": VOCABULARY}}).double()
    return LanguageModelling(network, Optimisation(epochs=2, learning_rate=0.1).model_dump())


def log_probabilities(own: LanguageModelling) -> tuple[torch.Tensor, torch.Tensor]:
    """Of all streams at once, and the targets."""
    tokens, targets = (
        torch.cat([getattr(batch, name) for batch in windows()], 1) for name in ("tokens", "targets")
    )
    with torch.no_grad():
        return own.network.log_probabilities(tokens, targets)[0], targets


def losses(own: LanguageModelling, epoch: list[Any]) -> list[torch.Tensor]:
    """Of an epoch's windows, one after the other."""
    found = []
    for place, batch in enumerate(epoch):
        own.on_train_batch_start(batch, place)
        found.append(own.batch_loss(batch))
    return found


def test_losses_are_means_over_tokens_with_the_state_carried_on() -> None:
    own = task()
    each, targets = log_probabilities(own)
    for place, loss in enumerate(losses(own, windows())):
        part = slice(place * WINDOW, (place + 1) * WINDOW)
        real = targets[:, part] != 0
        assert loss.item() == pytest.approx(-each[:, part][real].mean().item())
    assert sum(token_count(batch) for batch in windows()) == len(IDS)


def test_an_epoch_begins_without_a_state() -> None:
    own = task()
    first, second = (losses(own, windows()) for _ in range(2))
    assert [loss.item() for loss in first] == [loss.item() for loss in second]


def gradients(ranks: int, **model: Any) -> list[tuple[float, dict[str, torch.Tensor]]]:
    """Of each window: the ranks' mean loss and mean gradient. Every rank carries its streams' state."""
    tasks, epochs = [task(**model) for _ in range(ranks)], [windows(rank, ranks) for rank in range(ranks)]
    found = []
    for parts in zip(*map(losses, tasks, epochs), strict=True):
        mean: dict[str, torch.Tensor] = {}
        for own, loss in zip(tasks, parts, strict=True):
            own.zero_grad()
            loss.backward()
            for name, value in own.network.named_parameters():
                assert value.grad is not None
                mean[name] = mean.get(name, 0) + value.grad / ranks
        found.append((sum(loss.item() for loss in parts) / ranks, mean))
    return found


@pytest.mark.parametrize("model", [{}, {"layers": 2, "cell": "gru"}, {"hidden": 5, "tied_embeddings": True}])
@pytest.mark.parametrize("ranks", [2, 7])
def test_processes_share_the_streams(ranks: int, model: dict[str, Any]) -> None:
    """Seven processes for five streams: two have nothing to say."""
    alone, together = (gradients(count, **model) for count in (1, ranks))
    for (loss, own), (shared, each) in zip(alone, together, strict=True):
        assert shared == pytest.approx(loss, rel=1e-12)
        for name, gradient in own.items():
            torch.testing.assert_close(each[name], gradient, rtol=1e-9, atol=1e-12)


def test_validation_is_the_mean_over_all_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    own = task().eval()
    logged: dict[str, float] = {}
    monkeypatch.setattr(own, "log", lambda name, value: logged.update({name: float(value)}))
    each, targets = log_probabilities(own)
    for _ in range(2):  # the second one begins anew
        with torch.no_grad():
            for place, batch in enumerate(windows()):
                own.validation_step(batch, place)
        own.on_validation_epoch_end()
        assert logged["validation_loss"] == pytest.approx(-each[targets != 0].mean().item(), rel=1e-6)
        assert logged["validation_score"] == -logged["validation_loss"]


def test_streams_are_as_many_as_the_parameters_say(tmp_path: Path) -> None:
    facts = {"columns": ["text"], "vocabulary": {"text": VOCABULARY}, "tests": ["test"]}
    write_json(tmp_path / "dataset.json", facts)
    for split in ("train", "validation"):
        (tmp_path / split).mkdir()
        write_column(tmp_path / split, "text", [IDS[:40].tolist(), IDS[40:].tolist()])
    dataset, data = PreparedDataset.open(tmp_path), {"batch_tokens": STREAMS * WINDOW, "max_tokens": WINDOW}
    for split, streams in (("train", STREAMS), ("validation", VALIDATION_STREAMS)):
        found = language_modelling.batches(dataset, split, data, rank=0, ranks=1)
        order = found.order()
        assert found[order[0]].tokens.shape == (streams, WINDOW)
        assert len(order) == math.ceil(len(IDS) / (streams * WINDOW))
