"""Scores by distance by hand, chance, and sequences that a person writes down."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

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
from pipeline.errors import UserError
from pipeline.evaluation import algorithmic
from pipeline.evaluation.predict.steps import solve
from pipeline.metrics.algorithmic import by_distance
from pipeline.report.load import TABLES

LETTERS = 5


@pytest.fixture(scope="module", params=["adding", "reverse"])
def dataset(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    root = tmp_path_factory.mktemp(request.param)
    corpus = AlgorithmicCorpus(
        reader="algorithmic",
        problem=request.param,
        sizes=Sizes(train=67, validation=13, test=31),
        farthest=12,
        letters=LETTERS,
    )
    (root / "raw").mkdir()
    for name, table in generate(corpus).items():
        write(table, root / f"raw/{name}.parquet")
    wanted = "numbers" if request.param == "adding" else "symbols"
    prepare(
        Steps.model_validate({"kind": "steps", "corpus": "made", "wanted": wanted}),
        root / "raw",
        root / "prepared",
    )
    return PreparedDataset.open(root / "prepared")


@pytest.fixture(scope="module")
def bundle(dataset: PreparedDataset, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    torch.manual_seed(1)
    model = RecallerModel(embedding=3, hidden=5).model_dump()
    facts = dataset.description | {"task": "algorithmic", "architecture": "recaller", "model": model}
    folder: Path = tmp_path_factory.mktemp("bundle") / "bundle"
    save(folder, build(model, facts), {}, facts)
    return load(folder)


def test_tables_agree_with_the_kept_answers(bundle: Bundle, dataset: PreparedDataset) -> None:
    tables = algorithmic.evaluate_bundle(bundle, dataset)
    kept, scores = tables["predictions"], tables["scores"].set_index("split")["value"]
    for split in ("test", "validation"):
        own = kept[kept["split"] == split]
        missed = (own["answer"] - own["target"]) ** 2
        sums = dataset.description["wanted"] == "numbers"
        expected = missed.mean() if sums else (missed == 0).mean()
        assert scores[split] == pytest.approx(expected)
        bins = tables["by_distance"][tables["by_distance"]["split"] == split]
        assert bins["asked"].sum() == len(own)
        assert (bins["value"] * bins["asked"]).sum() / len(own) == pytest.approx(expected)
    rows = pd.read_parquet(dataset.folder.parent / "raw/test.parquet")
    row = kept[kept["split"] == "test"].groupby("row")["target"].apply(list)
    for number in (0, 7, 30):
        wanted = [target for target in rows["targets"][number] if target]
        np.testing.assert_allclose(row[number], wanted, rtol=1e-6)
    written = {"variant", "seed", *bins.columns}
    assert written == set(TABLES["algorithmic"]["tables/by_distance"])


def test_chance_reads_nothing(dataset: PreparedDataset) -> None:
    tables = algorithmic.evaluate_baseline("chance", dataset)
    assert tables["predictions"]["answer"].nunique() == 1
    value = tables["scores"].set_index("split")["value"]["test"]
    if dataset.description["wanted"] == "numbers":
        assert 0.08 < value < 0.3
    else:
        assert value < 0.35
    with pytest.raises(ValueError, match="no baseline 'luck'"):
        algorithmic.evaluate_baseline("luck", dataset)


def test_distances_double_from_bin_to_bin() -> None:
    distances = np.array([1, 2, 3, 4, 5, 8, 9, 16, 17])
    answers = np.array([1.0, 0, 1, 0, 1, 1, 0, 0, 1])
    found = by_distance(answers, np.ones(9), distances, "symbols")
    assert found[["low", "high", "asked"]].to_numpy().tolist() == [
        [1, 1, 1],
        [2, 2, 1],
        [3, 4, 2],
        [5, 8, 2],
        [9, 16, 2],
        [17, 32, 1],
    ]
    assert found["value"].tolist() == [1, 0, 0.5, 1, 0, 1]
    assert by_distance(3 * answers, np.ones(9), distances, "numbers")["value"].tolist() == [
        4,
        1,
        2.5,
        4,
        1,
        4,
    ]


def test_a_person_may_ask(bundle: Bundle) -> None:
    sums = bundle.description["wanted"] == "numbers"
    if sums:
        ((answer,),) = solve(bundle, ["0.25* 0.8 1* ?"])
        assert abs(float(answer)) < 10
        wrong = {"a ?": "'a' is no step; allowed are numbers, marked ones as 0.25*, and ?"}
    else:
        first, second = solve(bundle, ["a b e . ? ? ?", "c ?"])
        assert [len(first), len(second)] == [3, 1]
        assert set(first + second) <= {*"abcde.?-"}
        wrong = {"f ?": "'f' is no step; allowed are letters a to e, . and ?"}
    empty = {"": "is empty; write steps with blanks between", "?b": "'?b' is no step"}
    idle = {"0.5 0.2*" if sums else ". .": "asks nothing; write ? where an answer is wanted"}
    for text, message in (wrong | empty | idle).items():
        with pytest.raises(UserError) as error:
            solve(bundle, ["1 ?" if sums else "a ?", text])
        assert str(error.value).startswith(f"text 1: {message}")


def test_a_written_sequence_is_read_as_a_stored_one(bundle: Bundle, dataset: PreparedDataset) -> None:
    kept = algorithmic.evaluate_bundle(bundle, dataset)["predictions"]
    raw = pd.read_parquet(dataset.folder.parent / "raw/test.parquet").iloc[3]
    own = kept[(kept["split"] == "test") & (kept["row"] == 3)]["answer"]
    if dataset.description["wanted"] == "numbers":
        words = [
            "?" if symbol == 2 else f"{number}{'*' if symbol == 3 else ''}"
            for symbol, number in zip(raw["symbols"], raw["numbers"], strict=True)
        ]
        assert solve(bundle, [" ".join(words)]) == [[f"{answer:.4f}" for answer in own]]
    else:
        words = [{1: ".", 2: "?"}.get(symbol) or "abcde"[symbol - 4] for symbol in raw["symbols"]]
        signs = {0: "-", 1: ".", 2: "?", 3: "-"} | {4 + place: letter for place, letter in enumerate("abcde")}
        assert solve(bundle, [" ".join(words)]) == [[signs[int(answer)] for answer in own]]
