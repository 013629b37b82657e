"""Questions about generated notes: training finds out who is asked for; validation counts right answers."""

import pytest
import torch

from pipeline.config.schema.corpora import QuestionsCorpus
from pipeline.config.schema.datasets import AnsweredText
from pipeline.config.schema.translation import TranslatorModel, TranslatorTraining
from pipeline.corpora import download
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.tasks.transduction import Transduction, batches, build

CORPUS = {
    "reader": "questions",
    "sizes": {"train": 6000, "validation": 300, "test": 3},
    "kinds": ["one fact"],
    "facts": 4,
}
DATASET = {
    "kind": "answered_text",
    "corpus": "questions",
    "source": ["question", "story"],
    "target": "answer",
    "measure": "exact_match",
    "group": "type",
    "joint_vocabulary": False,
    "tokenizer": {"kind": "word", "vocabulary": 90, "minimum_frequency": 1},
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    folder = tmp_path_factory.mktemp("twin")
    download("questions", QuestionsCorpus.model_validate(CORPUS), folder / "raw")
    prepare(AnsweredText.model_validate(DATASET), folder / "raw", folder / "prepared")
    return PreparedDataset.open(folder / "prepared")


def validation_score(task: Transduction, dataset: PreparedDataset, monkeypatch: pytest.MonkeyPatch) -> float:
    logged: dict[str, float] = {}
    monkeypatch.setattr(task, "log", lambda name, value: logged.update({name: float(value)}))
    monkeypatch.setattr(task, "gathered", lambda found: found)
    known = batches(dataset, "validation", {}, rank=0, ranks=1)
    with torch.no_grad():
        for rows in known.order(budget=1500):
            task.eval().validation_step(known[rows], 0)
        task.on_validation_epoch_end()
    return logged["validation_score"]


def test_learns_who_is_asked_for(dataset: PreparedDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names anybody's place at first, and finds the rule within a few epochs of the demo's training."""
    torch.manual_seed(0)
    model = TranslatorModel(embedding=64, hidden=64).model_dump()
    training = TranslatorTraining(epochs=10, learning_rate=0.005).model_dump()
    task = build(dataset, {"model": model, "training": training})
    examples = batches(dataset, "train", {}, rank=0, ranks=1)
    optimizer = torch.optim.Adam(task.parameters(), lr=0.005)
    found = []
    for epoch in range(10):
        for rows in examples.order(budget=1500, seed=0, epoch=epoch):
            optimizer.zero_grad()
            task.train().batch_loss(examples[rows]).backward()
            torch.nn.utils.clip_grad_norm_(task.parameters(), 1.0)
            optimizer.step()
        found.append(validation_score(task, dataset, monkeypatch))
        if found[-1] > 0.9:
            break
    assert found[0] < 0.6
    assert found[-1] > 0.9
