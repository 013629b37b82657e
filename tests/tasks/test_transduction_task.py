"""Generated texts and answers: training finds the rule of each twin; validation counts right answers."""

from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter

from pipeline.config.schema.corpora import Corpus
from pipeline.config.schema.datasets import AnsweredText
from pipeline.config.schema.translation import TranslatorModel, TranslatorTraining
from pipeline.corpora import download
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.tasks.transduction import Transduction, batches, build

SIZES = {"train": 2000, "validation": 300, "test": 3}
TOKENIZER = {"kind": "word", "vocabulary": 200, "minimum_frequency": 1}
TWINS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "questions": (
        {"sizes": SIZES | {"train": 6000}, "kinds": ["one fact"], "facts": 4},
        {"source": ["question", "story"], "target": "answer", "measure": "exact_match", "group": "type"}
        | {"joint_vocabulary": False},
    ),
    "replies": ({"sizes": SIZES}, {"source": ["prompt"], "target": "response", "measure": "bleu"}),
    "summaries": ({"sizes": SIZES}, {"source": ["text"], "target": "summary", "measure": "rouge_l"}),
}
"""Reader -> what its corpus and its dataset say."""


def dataset(reader: str, folder: Path) -> PreparedDataset:
    corpus, settings = TWINS[reader]
    generated: Any = TypeAdapter(Corpus).validate_python(corpus | {"reader": reader})
    download(reader, generated, folder / "raw")
    settings |= {"kind": "answered_text", "corpus": reader, "tokenizer": TOKENIZER}
    prepare(AnsweredText.model_validate(settings), folder / "raw", folder / "prepared")
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


@pytest.mark.parametrize(
    ("reader", "budget", "epochs", "first", "wanted"),
    [("questions", 1500, 10, 0.6, 0.9), ("replies", 1000, 4, 50, 95), ("summaries", 1000, 5, 75, 95)],
)
def test_learns_the_rule(
    reader: str,
    budget: int,
    epochs: int,
    first: float,
    wanted: float,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It answers with anybody's at first, and finds the rule within the epochs of the demo's training."""
    torch.manual_seed(0)
    known = dataset(reader, tmp_path)
    tied = known.description["joint_vocabulary"]
    model = TranslatorModel(embedding=64, hidden=64, dropout=0.0, tied_embeddings=tied).model_dump()
    training = TranslatorTraining(epochs=epochs, learning_rate=0.006).model_dump()
    task = build(known, {"model": model, "training": training})
    examples = batches(known, "train", {}, rank=0, ranks=1)
    optimizer = torch.optim.Adam(task.parameters(), lr=0.006)
    found = []
    for epoch in range(epochs):
        for rows in examples.order(budget=budget, seed=0, epoch=epoch):
            optimizer.zero_grad()
            task.train().batch_loss(examples[rows]).backward()
            torch.nn.utils.clip_grad_norm_(task.parameters(), 1.0)
            optimizer.step()
        found.append(validation_score(task, known, monkeypatch))
        if found[-1] > wanted:
            break
    assert found[0] < first
    assert found[-1] > wanted
