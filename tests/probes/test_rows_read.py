"""What a probe of gradients reads of texts and of problems that ask for their first letter."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from pipeline.build.recaller import build
from pipeline.bundle.load import Bundle, load
from pipeline.bundle.save import save
from pipeline.config.schema.algorithmic import RecallerModel
from pipeline.config.schema.corpora import AlgorithmicCorpus, Sizes
from pipeline.config.schema.datasets import Steps
from pipeline.corpora.canonical import write
from pipeline.corpora.embedded.algorithmic import generate
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.data.symbols import ASK
from pipeline.errors import UserError
from pipeline.probes.gradient_flow import probe_bundle
from pipeline.probes.rows_read import rows_read

FARTHEST = 20


def prepared(root: Path, problem: Any) -> PreparedDataset:
    corpus = AlgorithmicCorpus(
        reader="algorithmic",
        problem=problem,
        sizes=Sizes(train=67, validation=13, test=99),
        farthest=FARTHEST,
        letters=5,
    )
    (root / "raw").mkdir()
    for name, table in generate(corpus).items():
        write(table, root / f"raw/{name}.parquet")
    wanted = "numbers" if problem == "adding" else "symbols"
    prepare(Steps(kind="steps", corpus="made", wanted=wanted), root / "raw", root / "prepared")
    return PreparedDataset.open(root / "prepared")


def untrained(root: Path, dataset: PreparedDataset) -> Bundle:
    torch.manual_seed(1)
    model = RecallerModel(embedding=3, hidden=5).model_dump()
    facts = dataset.description | {
        "task": "algorithmic", "architecture": "recaller", "model": model, "seed": 0
    }  # fmt: skip
    save(root / "bundle", build(model, facts), {}, facts)
    return load(root / "bundle")


def test_a_row_that_is_cut_still_asks_for_its_first_letter(tmp_path: Path) -> None:
    dataset = prepared(tmp_path, "recall")
    steps = 8
    rows = rows_read(untrained(tmp_path, dataset), dataset, {"reviews": 9, "steps": steps})
    symbols, numbers = rows.inputs
    assert symbols.shape == numbers.shape == (9, steps)
    assert (symbols[:, 0] == rows.asked).all()
    assert (symbols[:, -1] == ASK).all()
    assert (symbols[:, :-1] != ASK).all()
    column = dataset.split("test").columns["symbols"]
    long = [column[row].tolist() for row in range(99) if len(column[row]) >= steps]
    for row in symbols.tolist():
        assert any(row == [each[0], *each[1 - steps :]] for each in long)


def test_both_ends_of_a_row_take_part_in_the_gradient(tmp_path: Path) -> None:
    dataset = prepared(tmp_path, "recall")
    tables = probe_bundle(untrained(tmp_path, dataset), dataset, {"reviews": 9, "steps": 8})
    assert tables["shares"]["length"].tolist() == [8, 8]
    assert set(tables["flow"]["step_from_end"]) == set(range(8))
    assert (tables["flow"]["gradient"] > 0).all()


@pytest.mark.parametrize(("problem", "steps"), [("recall", FARTHEST + 2), ("reverse", 4), ("adding", 4)])
def test_problems_that_ask_otherwise_are_one_line(tmp_path: Path, problem: str, steps: int) -> None:
    dataset = prepared(tmp_path, problem)
    with pytest.raises(UserError, match=rf"^gradient_flow: no test row of steps {steps} or more asks for"):
        rows_read(untrained(tmp_path, dataset), dataset, {"reviews": 9, "steps": steps})


def test_of_a_network_that_answers_at_every_step_the_last_answer_counts(tmp_path: Path) -> None:
    dataset = prepared(tmp_path, "recall")
    rows = rows_read(untrained(tmp_path, dataset), dataset, {"reviews": 9, "steps": 8})

    class Echo(nn.Module):
        def forward(self, symbols: Tensor, numbers: Tensor, lengths: Tensor) -> Tensor:
            assert lengths.tolist() == [8] * len(symbols)
            return nn.functional.one_hot(symbols)

    (first, *_) = rows.split(4)
    assert len(first.asked) == 4
    assert (first.scores(Echo()).argmax(-1) == ASK).all()
