"""The probe of a bag of words, on texts whose answers are known."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.config import parse, variants
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.files import read_json, write_json
from pipeline.probes.bag import Places, compare, smallest_gain, tables
from pipeline.probes.counted_words import Bag, Cut, bag_of_words

SIZES = {"train": 5, "validation": 5, "test": 5}
GRID = {
    "rnn_3": {"data": {"max_tokens": 3}},
    "lstm_3": {"data": {"max_tokens": 3}, "model": {"cell": "lstm"}},
    "rnn_3_first": {"data": {"max_tokens": 3, "keep": "first"}},
}
PARAMS: dict[str, Any] = {
    "profile": "smoke",
    "corpora": {"reviews": {"reader": "reviews", "sizes": SIZES}},
    "datasets": {
        "said": {
            "kind": "labelled_text",
            "corpus": "reviews",
            "classes": ["bad", "good"],
            "tokenizer": {"kind": "word", "vocabulary": 50, "minimum_frequency": 1, "lowercase": True},
        }
    },
    "experiments": {
        "vanishing": {
            "task": "classification",
            "question": "Is counting enough?",
            "dataset": "said",
            "seeds": 2,
            "data": {"batch_tokens": 50, "max_tokens": 7, "keep": "last"},
            "model": {"cell": "rnn", "embedding": 5, "hidden": 7},
            "training": {"epochs": 1, "learning_rate": 0.1},
            "grid": GRID,
        }
    },
    "probes": {"bag": {"vanishing": {"dataset": "said"}}},
    "trainer": {},
    "execution": {"workers": 1},
}
TEXTS = 40


def text(row: int, label: int) -> str:
    """Nine words: the last three tell the label, the first three are the same for both."""
    first = ["a b c", "b c d", "c d a", "d a b"][row // 2 % 4]
    return f"{first} so it is {['sad dull grey', 'glad bright red'][label]}"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A dataset, what says how networks read it, and their answers: rnn_3's seed 1 errs in every fourth."""
    params = parse(PARAMS)
    places = Places.of(params, "vanishing", tmp_path)
    raw = tmp_path / "raw"
    raw.mkdir()
    labels = [row % 2 for row in range(TEXTS)]
    for split in ("train", "validation", "test"):
        texts = [text(row, label) for row, label in enumerate(labels)]
        pd.DataFrame({"text": texts, "label": labels}).to_parquet(raw / f"{split}.parquet")
    prepare(params.datasets["said"], raw, places.dataset)
    for variant, resolved in variants(params, "vanishing").items():
        for seed in range(2):
            folder = places.models / variant / str(seed)
            described = {"description": {"data": resolved.model_dump()["data"]}}
            write_json(folder / "bundle/bundle.json", described)
            write_json(folder / "run.json", {"signature": f"{variant}-{seed}"})
    answer(places, labels)
    return places


def answer(places: Places, labels: list[int], *, variants: tuple[str, ...] = tuple(GRID)) -> None:
    frames = []
    for variant in variants:
        for seed in range(2):
            wrong = (np.arange(TEXTS) % 4 == 0) & (variant == "rnn_3") & (seed == 1)
            chosen = np.array(labels) ^ wrong
            rows = {"variant": variant, "seed": seed, "split": "test", "label": labels}
            frames.append(pd.DataFrame(rows | {"probabilities": [[1.0 - one, one] for one in chosen]}))
    everything = pd.concat(frames, ignore_index=True)
    others = everything.assign(split="validation", label=1 - everything["label"])
    places.predictions.mkdir(parents=True, exist_ok=True)
    pd.concat([others, everything]).to_parquet(places.predictions / "predictions.parquet")


def test_a_bag_reads_the_tokens_that_the_cut_leaves_and_no_others(places: Places) -> None:
    dataset = PreparedDataset.open(places.dataset)
    assert bag_of_words(dataset, Cut(3, "last")).right.all()
    assert bag_of_words(dataset, Cut(3, "first")).right.mean() == 0.5
    assert bag_of_words(dataset, Cut(9, "first")).right.all()


def test_validation_chooses_what_the_counts_weigh(places: Places, tmp_path: Path) -> None:
    """Words that tell the label in training and the opposite in validation: least weight is least wrong."""
    raw = tmp_path / "raw"
    rows = pd.read_parquet(raw / "validation.parquet")
    rows.assign(label=1 - rows["label"]).to_parquet(raw / "validation.parquet")
    turned = tmp_path / "turned"
    prepare(parse(PARAMS).datasets["said"], raw, turned)
    sound, other = (
        bag_of_words(PreparedDataset.open(each), Cut(3, "last")) for each in (places.dataset, turned)
    )
    assert (sound.regularisation, other.regularisation) == (100.0, 0.1)


def test_the_tables_have_every_cut_every_network_and_every_variant(places: Places) -> None:
    told: list[str] = []
    compare(parse(PARAMS), "vanishing", places, tell=told.append)
    assert told == ["probe bag@vanishing: 2 bags of words beside 6 networks"]
    bags, gains, power = (pd.read_csv(places.results / f"{name}.csv") for name in ("bags", "gains", "power"))
    assert list(bags) == ["length", "keep", "accuracy", "regularisation", "train", "validation", "test"]
    assert bags.drop(columns="regularisation").values.tolist() == [
        [3, "first", 0.5, TEXTS, TEXTS, TEXTS],
        [3, "last", 1.0, TEXTS, TEXTS, TEXTS],
    ]
    assert gains.values.tolist() == [
        ["rnn_3", 0, 3, "last", 1.0, 1.0, 0.0],
        ["rnn_3", 1, 3, "last", 0.75, 1.0, -0.25],
        ["lstm_3", 0, 3, "last", 1.0, 1.0, 0.0],
        ["lstm_3", 1, 3, "last", 1.0, 1.0, 0.0],
        ["rnn_3_first", 0, 3, "first", 1.0, 0.5, 0.5],
        ["rnn_3_first", 1, 3, "first", 1.0, 0.5, 0.5],
    ]
    assert list(gains)[-3:] == ["accuracy", "bag", "gain"]
    by_variant = power.set_index("variant")
    assert by_variant["gain"].to_dict() == {"rnn_3": -0.125, "lstm_3": 0.0, "rnn_3_first": 0.5}
    assert by_variant["disagreement"].to_dict() == {"rnn_3": 0.125, "lstm_3": 0.0, "rnn_3_first": 0.5}
    (facts,) = read_json(places.results / "provenance.json")
    assert facts["signatures"]["lstm_3/1"] == "lstm_3-1"
    assert (facts["probe"], facts["experiment"]) == ("bag", "vanishing")


def test_the_error_over_texts_averages_seeds_first() -> None:
    """Two seeds that each err in another half of the texts: their mean gain is the same in every text."""
    cuts, bag = {"rnn/0": Cut(3, "last"), "rnn/1": Cut(3, "last")}, np.ones(6, dtype=bool)
    halves = np.arange(6) % 2 == 0
    bags = {Cut(3, "last"): Bag(1.0, bag, train=5, validation=5)}
    (row,) = tables(cuts, {"rnn/0": halves, "rnn/1": ~halves}, bags)["power"].to_dict("records")
    assert (row["gain"], row["item_error"], row["disagreement"]) == (-0.5, 0.0, 0.5)
    (row,) = tables(cuts, {"rnn/0": halves, "rnn/1": halves}, bags)["power"].to_dict("records")
    assert row["item_error"] == pytest.approx(math.sqrt(0.3 / 6))


@pytest.mark.parametrize(("disagreement", "texts"), [(0.3, 307), (0.5, 307), (0.2, 53)])
def test_the_smallest_gain_solves_connor_s_equation(disagreement: float, texts: int) -> None:
    gain = smallest_gain(disagreement, texts)
    a, b = stats.norm.ppf([0.975, 0.8])
    root = a * math.sqrt(disagreement) + b * math.sqrt(disagreement - gain**2)
    assert root**2 / gain**2 == pytest.approx(texts)


def test_the_smallest_gain_is_found_four_times_in_five() -> None:
    """Pairs of answers are drawn, and McNemar's test asked whether it sees the difference."""
    texts, disagreement = 307, 0.4
    gain = smallest_gain(disagreement, texts)
    better, worse = (disagreement + gain) / 2, (disagreement - gain) / 2
    drawn = np.random.default_rng(0).multinomial(texts, [better, worse, 1 - disagreement], size=20_000)
    statistic = (drawn[:, 0] - drawn[:, 1]) / np.sqrt(drawn[:, 0] + drawn[:, 1])
    assert (statistic > stats.norm.ppf(0.975)).mean() == pytest.approx(0.8, abs=0.01)


def test_a_missing_model_is_one_line(places: Places) -> None:
    (places.models / "lstm_3/1/bundle/bundle.json").unlink()
    with pytest.raises(UserError, match=r"lstm_3/1: no bundle; run `dvc repro train@vanishing`$"):
        compare(parse(PARAMS), "vanishing", places)


def test_missing_predictions_are_one_line(places: Places) -> None:
    answer(places, [row % 2 for row in range(TEXTS)], variants=("rnn_3", "lstm_3"))
    line = r"parquet: no answers of rnn_3_first/0, rnn_3_first/1; run `dvc repro evaluate@vanishing`$"
    with pytest.raises(UserError, match=line):
        compare(parse(PARAMS), "vanishing", places)
    (places.predictions / "predictions.parquet").unlink()
    with pytest.raises(UserError, match=r"parquet: no predictions; run `dvc repro evaluate@vanishing`$"):
        compare(parse(PARAMS), "vanishing", places)


def test_answers_to_other_texts_are_one_line(places: Places) -> None:
    answer(places, [row // 2 % 2 for row in range(TEXTS)])
    with pytest.raises(UserError, match=r"parquet: of other texts than .*said; run `dvc repro evaluate@"):
        compare(parse(PARAMS), "vanishing", places)


@pytest.mark.parametrize(
    ("split", "rows", "line"),
    [
        ("train", {"text": ["a b", "c d"], "label": [1, 1]}, "the training split has a single class"),
        ("validation", {"text": ["a b", "c d"], "label": [0, 0]}, "the validation split has a single class"),
        ("test", {"text": ["a b", "c d"], "label": [0, 1]}, "2 test texts tell nothing; it needs 4"),
    ],
)
def test_too_little_text_is_one_line(
    split: str, rows: dict[str, Any], line: str, places: Places, tmp_path: Path
) -> None:
    pd.DataFrame(rows).to_parquet(tmp_path / f"raw/{split}.parquet")
    prepare(parse(PARAMS).datasets["said"], tmp_path / "raw", tmp_path / "few")
    with pytest.raises(UserError, match=f"^bag: {line}"):
        bag_of_words(PreparedDataset.open(tmp_path / "few"), Cut(3, "last"))
