"""A task whose batches follow one another and whose state goes from batch to batch, as a language model's."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.data.batches import RowBatches
from pipeline.data.store import Index, PreparedDataset
from pipeline.nn.recurrent import Recurrent
from pipeline.tasks.base import Task
from pipeline.training import fit, store

STREAMS, WINDOW, WORDS = 3, 5, 50


@dataclass
class Window:
    """The next `WINDOW` words of every stream: tokens, targets (B, S); `place` in the split."""

    tokens: Tensor
    targets: Tensor
    place: int


class Windows(RowBatches[Window]):
    def __init__(self, dataset: PreparedDataset, split: str) -> None:
        texts = dataset.split(split).columns["text"]
        words = np.concatenate([texts[row] for row in range(len(texts.lengths))]).astype(np.int64)
        self.streams = torch.from_numpy(words[: len(words) // STREAMS * STREAMS].reshape(STREAMS, -1))

    @property
    def lengths(self) -> Index:
        return np.full((self.streams.shape[1] - 1) // WINDOW, STREAMS * WINDOW)

    def order(self, **_: Any) -> list[Index]:
        """Window after window, every epoch."""
        return list(np.arange(len(self.lengths))[:, None])

    def __getitem__(self, rows: Index) -> Window:
        start = int(rows[0]) * WINDOW
        words = self.streams[:, start : start + WINDOW + 1]
        return Window(words[:, :-1], words[:, 1:], int(rows[0]))


class Language(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, 5)
        self.recurrent = Recurrent(
            input_size=5, hidden_size=7, recurrent_dropout="weight", recurrent_dropout_share=0.2
        )
        self.output = nn.Linear(7, WORDS)


class LanguageTask(Task):
    score_name = "likelihood"
    network: Language
    read: ClassVar[list[tuple[int, float]]] = []
    """Of every training batch: its place, and the size of the state before it."""

    def __init__(self, network: Language, training: Mapping[str, Any]) -> None:
        super().__init__(network, training)
        self.state: tuple[Tensor, ...] | None = None
        self.losses: list[float] = []

    def on_train_batch_start(self, batch: Window, batch_idx: int) -> None:
        super().on_train_batch_start(batch, batch_idx)
        if batch_idx == 0:  # an epoch begins, also in a resumed run
            self.state = None
        size = 0.0 if self.state is None else float(self.state[0].norm())
        LanguageTask.read.append((batch.place, size))

    def batch_loss(self, batch: Window) -> Tensor:
        loss, self.state = self._loss(batch, self.state)
        return loss

    def validation_step(self, batch: Window, batch_idx: int) -> None:
        self.losses.append(float(self._loss(batch, None)[0]))

    def on_validation_epoch_end(self) -> None:
        loss = float(np.mean(self.losses))
        self.log("validation_loss", loss)
        self.log("validation_score", -loss)
        self.losses = []

    def _loss(self, batch: Window, state: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        outputs, final = self.network.recurrent(self.network.embedding(batch.tokens), initial=state)
        loss = F.cross_entropy(self.network.output(outputs).mT, batch.targets)
        return loss, tuple(part.detach() for part in final)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The task's module, found where runs look for one."""
    module: Any = ModuleType("toy_language")
    module.ARCHITECTURE = "classifier"
    module.build = lambda dataset, parameters: LanguageTask(Language(), parameters["training"])
    module.batches = lambda dataset, split, data, *, rank, ranks: Windows(dataset, split)
    module.token_count = lambda batch: batch.tokens.numel()
    monkeypatch.setitem(sys.modules, "toy_language", module)
    monkeypatch.setattr(LanguageTask, "read", [])


def test_a_killed_run_goes_on_with_the_bits_of_an_undisturbed_one(lab: Any, toy: None) -> None:
    def spec(twin: str) -> Any:
        made = lab.spec("classification", twin=twin)
        object.__setattr__(made, "task_module", "toy_language")
        return made

    whole, killed = spec("whole"), spec("killed")
    fit.fit(store.enter(whole))
    undisturbed = list(LanguageTask.read)
    windows = len(undisturbed) // 4
    assert [place for place, _ in undisturbed] == 4 * list(range(windows))
    assert all((size == 0) == (place == 0) for place, size in undisturbed)

    LanguageTask.read.clear()
    lab.kill(killed, epoch=2, batch=3)
    LanguageTask.read.clear()
    fit.fit(store.enter(killed))
    assert LanguageTask.read == undisturbed[2 * windows :]
    assert lab.results(killed) == lab.results(whole)
