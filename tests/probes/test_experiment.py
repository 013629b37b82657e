"""The probe's files, of networks that were never trained."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from pipeline.build import classifier
from pipeline.bundle.save import save
from pipeline.config import parse, variants
from pipeline.config.schema.params import Params
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.files import read_json, write_json
from pipeline.probes.experiment import Places, probe

LENGTH = 40
PROBE = ("gradient_flow", "vanishing")
PARAMS: dict[str, Any] = {
    "profile": "smoke",
    "corpora": {"moods": {"reader": "reviews", "sizes": {"train": 5, "validation": 5, "test": 5}}},
    "datasets": {
        "moods": {
            "kind": "labelled_text",
            "corpus": "moods",
            "classes": ["bad", "good"],
            "shortest": 5,
            "tokenizer": {"kind": "ascii_word", "vocabulary": 50, "minimum_frequency": 1},
        }
    },
    "experiments": {
        "vanishing": {
            "task": "classification",
            "question": "Does it vanish?",
            "dataset": "moods",
            "seeds": 2,
            "data": {"batch_tokens": 100, "max_tokens": LENGTH, "keep": "last"},
            "model": {"cell": "gru", "embedding": 5, "hidden": 7},
            "training": {"epochs": 1, "learning_rate": 0.1},
            "grid": {
                "gru_40": {},
                "lstm_5": {"model": {"cell": "lstm"}, "data": {"max_tokens": 5}},
            },
        }
    },
    "probes": {"gradient_flow": {"vanishing": {"dataset": "moods", "reviews": 6}}},
    "trainer": {},
    "execution": {"workers": 1},
}


@dataclass(frozen=True)
class Project:
    params: Params
    places: Places
    root: Path

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.places.results / f"{name}.csv")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Eight test texts of 40 to 47 words and two of 5; "after" is drawn from another seed."""
    params = parse(PARAMS)
    places = Places.of(params, *PROBE, tmp_path)
    raw = tmp_path / "raw"
    raw.mkdir()
    for split, first in (("train", "one"), ("validation", "two"), ("test", "three")):
        long = [f"{first} {'word ' * (LENGTH - 1 + more)}" for more in range(8)]
        short = [f"{first} of four words {mark}" for mark in "ab"]
        texts = [*short, *long]
        pd.DataFrame({"text": texts, "label": [row % 2 for row in range(10)]}).to_parquet(
            raw / f"{split}.parquet"
        )
    prepare(params.datasets["moods"], raw, places.dataset)
    dataset = PreparedDataset.open(places.dataset)
    for variant, resolved in variants(params, "vanishing").items():
        values = resolved.model_dump()
        for seed in range(2):
            torch.manual_seed(seed + 100)
            network = classifier.build(values["model"], dataset.description)
            described = {
                "task": "classification",
                "architecture": "classifier",
                "model": values["model"],
                "data": values["data"],
                "seed": seed,
            }
            folder = places.models / variant / str(seed)
            tokenizers = {"text": dataset.tokenizer("text")}
            save(folder / "bundle", network, tokenizers, dataset.description | described)
            write_json(folder / "run.json", {"signature": f"{variant}-{seed}"})
    return Project(params, places, tmp_path)


def test_every_network_is_looked_at_twice(project: Project) -> None:
    told: list[str] = []
    probe(project.params, *PROBE, project.places, tell=told.append)
    assert told[0].startswith("probe gradient_flow@vanishing: looked into 4 networks in ")
    shares = project.table("shares")
    assert list(shares) == ["variant", "seed", "when", "length", "early_share", "half_life", "reviews"]
    assert shares[["variant", "seed", "when", "length", "reviews"]].values.tolist() == [
        [variant, seed, when, length, 6]
        for variant, length in (("gru_40", LENGTH), ("lstm_5", 5))
        for seed in (0, 1)
        for when in ("before", "after")
    ]
    assert shares["early_share"].between(0, 1).all()
    assert (shares["half_life"] > 0).all()
    flow = project.table("flow")
    assert list(flow) == ["variant", "seed", "when", "step_from_end", "gradient", "share"]
    curve = flow[(flow["variant"] == "lstm_5") & (flow["seed"] == 0) & (flow["when"] == "after")]
    assert curve["step_from_end"].tolist() == [0, 1, 2, 3, 4]
    assert curve["share"].sum() == pytest.approx(1, abs=1e-5)
    assert (curve["gradient"] > 0).all()


def test_before_is_what_the_seed_draws_and_after_what_the_bundle_holds(project: Project) -> None:
    probe(project.params, *PROBE, project.places)
    flow = project.table("flow").set_index(["variant", "seed", "when"])["gradient"]
    trained = project.places.models / "gru_40/0"
    torch.manual_seed(0)
    dataset = PreparedDataset.open(project.places.dataset)
    model = variants(project.params, "vanishing")["gru_40"].model_dump()["model"]
    described = read_json(trained / "bundle/bundle.json")["description"]
    save(
        trained / "bundle",
        classifier.build(model, dataset.description),
        {"text": dataset.tokenizer("text")},
        described,
    )
    probe(project.params, *PROBE, project.places)
    again = project.table("flow").set_index(["variant", "seed", "when"])["gradient"]
    before = flow["gru_40", 0, "before"].tolist()
    assert before == again["gru_40", 0, "before"].tolist() == again["gru_40", 0, "after"].tolist()
    assert before != flow["gru_40", 0, "after"].tolist()


def test_two_processes_see_what_one_sees(project: Project) -> None:
    probe(project.params, *PROBE, project.places)
    one = project.table("flow")
    execution = project.params.execution.model_copy(update={"workers": 2})
    probe(project.params.model_copy(update={"execution": execution}), *PROBE, project.places)
    pd.testing.assert_frame_equal(project.table("flow"), one)


def test_what_was_looked_at_is_noted(project: Project) -> None:
    probe(project.params, *PROBE, project.places)
    (facts,) = read_json(project.places.results / "provenance.json")
    assert facts["signatures"]["lstm_5/1"] == "lstm_5-1"
    assert facts["settings"]["reviews"] == 6
    assert facts["dataset_digest"] == PreparedDataset.open(project.places.dataset).digest
    assert math.isfinite(facts["minutes"])


def test_a_missing_network_and_a_cut_that_no_text_reaches_are_one_line(project: Project) -> None:
    place = project.places.models / "lstm_5/1/bundle/bundle.json"
    text = place.read_text()
    place.unlink()
    with pytest.raises(UserError, match=r"lstm_5/1: no bundle; run `dvc repro train@vanishing`$"):
        probe(project.params, *PROBE, project.places)
    place.write_text(text)
    dataset, network = PreparedDataset.open(project.places.dataset), project.places.models / "gru_40/0/bundle"
    described = read_json(network / "bundle.json")["description"]
    described["data"]["max_tokens"] = 60
    save(
        network,
        classifier.build(described["model"], described),
        {"text": dataset.tokenizer("text")},
        described,
    )
    with pytest.raises(
        UserError, match=r"bundle: gradient_flow: no test text has data.max_tokens 60; lower it"
    ):
        probe(project.params, *PROBE, project.places)
