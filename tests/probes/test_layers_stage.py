"""The file of the probe of layers, of networks that were never trained."""

import copy
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from pipeline.build import classifier
from pipeline.bundle.save import save
from pipeline.config import parse, variants
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.files import read_json, write_json
from pipeline.probes.experiment import Places, probe

PROBE = ("layers", "depth")
WORDS = {"vocabulary": 50, "minimum_frequency": 1, "lowercase": True}
TAGGED = {"kind": "tagged_text", "corpus": "tags", "words": WORDS}
SIZES = {"train": 5, "validation": 5, "test": 5}
PARAMS: dict[str, Any] = {
    "profile": "smoke",
    "corpora": {"reviews": {"reader": "reviews", "sizes": SIZES}, "tags": {"reader": "tags", "sizes": SIZES}},
    "datasets": {
        "said": {
            "kind": "labelled_text",
            "corpus": "reviews",
            "classes": ["bad", "good"],
            "tokenizer": {"kind": "word", **WORDS},
        },
        "classes": TAGGED | {"tags": "upos"},
        "names": TAGGED | {"tags": "ner", "scheme": "bio"},
    },
    "experiments": {
        "depth": {
            "task": "classification",
            "question": "What do the layers hold?",
            "dataset": "said",
            "seeds": 2,
            "data": {"batch_tokens": 50, "max_tokens": 7},
            "model": {"cell": "gru", "embedding": 5, "hidden": 7, "pooling": "attention"},
            "training": {"epochs": 1, "learning_rate": 0.1},
            "grid": {"two": {"model": {"layers": 2}}, "three": {"model": {"layers": 3}}},
        }
    },
    "probes": {
        "layers": {
            "depth": {
                "dataset": "said",
                "parts_of_speech": "classes",
                "entities": "names",
                "texts": 30,
                "words": 100,
            }
        }
    },
    "trainer": {},
    "execution": {"workers": 1},
}


def lay(places: Places, params: dict[str, Any]) -> None:
    """Networks of every variant and seed."""
    dataset = PreparedDataset.open(places.dataset)
    for variant, resolved in variants(parse(params), "depth").items():
        values = resolved.model_dump()
        for seed in range(2):
            torch.manual_seed(seed + 100)
            described = {
                "task": "classification",
                "dataset": "said",
                "architecture": "classifier",
                "model": values["model"],
                "data": values["data"],
                "seed": seed,
            }
            network = classifier.build(values["model"], dataset.description)
            folder = places.models / variant / str(seed)
            tokenizers = {"text": dataset.tokenizer("text")}
            save(folder / "bundle", network, tokenizers, dataset.description | described)
            write_json(folder / "run.json", {"signature": f"{variant}-{seed}"})


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Forty reviews, and forty sentences of five of their words, of which the last is in no review."""
    params = parse(PARAMS)
    raw = tmp_path / "raw"
    for corpus in ("reviews", "tags"):
        (raw / corpus).mkdir(parents=True)
    for split in ("train", "validation", "test"):
        texts = [" ".join("abcdefgh"[(row * 5 + step * step) % 8] for step in range(9)) for row in range(40)]
        reviews = {"text": texts, "label": [row % 2 for row in range(40)]}
        pd.DataFrame(reviews).to_parquet(raw / f"reviews/{split}.parquet")
        tokens = [[*text.split()[:4], "z"] for text in texts]
        upos = [["X" if word in "aceg" else "Y" for word in words] for words in tokens]
        ner = [["B-PER" if word in "ab" else "O" for word in words] for words in tokens]
        pd.DataFrame({"tokens": tokens, "upos": upos, "ner": ner}).to_parquet(raw / f"tags/{split}.parquet")
    places = Places.of(params, *PROBE, tmp_path)
    for name, dataset in params.datasets.items():
        prepare(dataset, raw / dataset.corpus, places.dataset.parent / name)
    lay(places, PARAMS)
    return places


def test_the_table_has_every_layer_of_every_deep_network(places: Places) -> None:
    told: list[str] = []
    probe(parse(PARAMS), *PROBE, places, tell=told.append)
    assert told[0].startswith("probe layers@depth: looked into 4 networks in ")
    table = pd.read_csv(places.results / "layers.csv")
    columns = ["variant", "seed", "layer", "feature", "weights", "accuracy", "chance", "items"]
    assert list(table) == columns
    assert table[["variant", "seed", "weights", "feature", "layer"]].values.tolist() == [
        ["three", seed, weights, feature, layer]
        for seed in (0, 1)
        for weights in ("trained", "random")
        for feature in ("part of speech", "entity", "sentiment", "control")
        for layer in range(4)
    ]
    # A hundred words are twenty sentences, of four known words each.
    counts = table.groupby("feature")["items"].unique().map(list).to_dict()
    assert counts["part of speech"] == counts["control"] == [80]
    assert counts["sentiment"] == [30]
    # Eight word vectors in five dimensions: a word's class and its control tag are there to be read.
    assert table[["accuracy", "chance"]].stack().between(0, 1).all()
    assert (table["accuracy"] > table["chance"]).mean() > 0.7
    (facts,) = read_json(places.results / "provenance.json")
    assert facts["settings"]["entities"] == "names"


def test_entities_are_left_out_where_too_few_of_their_words_are_known(places: Places) -> None:
    raw = places.dataset.parents[3] / "raw/tags"
    for split in ("train", "test"):
        rows = pd.read_parquet(raw / f"{split}.parquet")
        rows["ner"] = [["O", "O", "O", "O", "B-PER"]] * len(rows)
        rows.to_parquet(raw / f"{split}.parquet")
    shutil.rmtree(places.dataset.parent / "names")
    prepare(parse(PARAMS).datasets["names"], raw, places.dataset.parent / "names")
    probe(parse(PARAMS), *PROBE, places)
    table = pd.read_csv(places.results / "layers.csv")
    assert set(table["feature"]) == {"part of speech", "sentiment", "control"}


def test_random_weights_are_the_seed_s_own(places: Places) -> None:
    probe(parse(PARAMS), *PROBE, places)
    table = pd.read_csv(places.results / "layers.csv").set_index("weights")["accuracy"]
    assert table["trained"].tolist() != table["random"].tolist()
    # Training that changes nothing leaves the networks as their seeds drew them.
    for seed in range(2):
        torch.manual_seed(seed)
        folder = places.models / f"three/{seed}/bundle"
        described = read_json(folder / "bundle.json")["description"]
        dataset = PreparedDataset.open(places.dataset)
        network = classifier.build(described["model"], described)
        save(folder, network, {"text": dataset.tokenizer("text")}, described)
    probe(parse(PARAMS), *PROBE, places)
    table = pd.read_csv(places.results / "layers.csv").set_index("weights")["accuracy"]
    assert table["trained"].tolist() == table["random"].tolist()


def test_too_few_words_are_one_line_that_names_the_network(places: Places) -> None:
    params = copy.deepcopy(PARAMS)
    params["probes"]["layers"]["depth"]["words"] = 10
    line = (
        r"three/0/bundle: layers: part of speech: 8 answers of 2 kinds to fit to and 8 to score; "
        r"needs 20 of 2 kinds: raise words, or take a dataset whose words said has$"
    )
    with pytest.raises(UserError, match=line):
        probe(parse(params), *PROBE, places)


def test_a_tagged_dataset_that_is_not_there_is_one_line(places: Places) -> None:
    (places.dataset.parent / "names/dataset.json").unlink()
    with pytest.raises(UserError, match=r"names: no prepared dataset; run `dvc repro prepare@names`$"):
        probe(parse(PARAMS), *PROBE, places)
