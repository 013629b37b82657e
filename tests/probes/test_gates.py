"""Gates of one sentence, where the answer is known, and the files of networks that were never trained."""

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
from pipeline.evaluation.predict.gates import Traced
from pipeline.files import write_json
from pipeline.nn.cells import GRUSteps, RNNSteps
from pipeline.nn.trace import LayerTrace
from pipeline.probes.experiment import Places, probe
from pipeline.probes.gates import answers, gates

PROBE = ("gates", "mood")
SENTENCE = "a film that was not dull"
LSTM = ["input gate", "forget gate", "output gate", "candidate", "c", "h"]
GRU = ["reset gate", "update gate", "candidate", "h"]
PARAMS: dict[str, Any] = {
    "profile": "smoke",
    "corpora": {"moods": {"reader": "reviews", "sizes": {"train": 5, "validation": 5, "test": 5}}},
    "datasets": {
        "moods": {
            "kind": "labelled_text",
            "corpus": "moods",
            "classes": ["bad", "good"],
            "tokenizer": {"kind": "word", "vocabulary": 50, "minimum_frequency": 1},
        }
    },
    "experiments": {
        "mood": {
            "task": "classification",
            "question": "What do the gates do?",
            "dataset": "moods",
            "seeds": 2,
            "data": {"batch_tokens": 100, "max_tokens": 30},
            "model": {"embedding": 5, "hidden": 7, "layers": 2},
            "training": {"epochs": 1, "learning_rate": 0.1},
            "grid": {
                "rnn": {"model": {"cell": "rnn"}},
                "gru": {"model": {"cell": "gru"}},
                "bilstm": {"model": {"bidirectional": True}},
            },
        }
    },
    "probes": {"gates": {"mood": {"dataset": "moods", "sentence": SENTENCE}}},
    "trainer": {},
    "execution": {"workers": 1},
}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    params = parse(PARAMS)
    places = Places.of(params, *PROBE, tmp_path)
    raw = tmp_path / "raw"
    raw.mkdir()
    for split in ("train", "validation", "test"):
        texts = [f"{SENTENCE} {split} {word}" for word in ("one", "two", "three", "four")]
        pd.DataFrame({"text": texts, "label": [0, 1, 0, 1]}).to_parquet(raw / f"{split}.parquet")
    prepare(params.datasets["moods"], raw, places.dataset)
    dataset = PreparedDataset.open(places.dataset)
    for variant, resolved in variants(params, "mood").items():
        values = resolved.model_dump()
        for seed in range(2):
            torch.manual_seed(seed)
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
    return places


def test_units_are_told_by_their_quartiles_and_ends() -> None:
    units = torch.tensor([[0.5, 0.1, 0.3, 0.2, 0.4], [-1.0, 1.0, 0.0, 0.5, -0.5]])
    steps = GRUSteps(units, units.flip(0), units, units)
    backward = GRUSteps(*(part * 0 for part in steps))
    layers = [LayerTrace(1, "forward", steps), LayerTrace(1, "backward", backward)]
    found = gates(Traced("gru", ["not", "dull"], layers, []))
    assert list(found) == ["layer", "step", "word", "quantity", "low", "q1", "median", "q3", "high"]
    by_place = found.set_index(["quantity", "step"])[["low", "q1", "median", "q3", "high"]]
    assert by_place.loc[("reset gate", 1)].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert by_place.loc[("reset gate", 2)].tolist() == pytest.approx([-1, -0.5, 0, 0.5, 1])
    assert by_place.loc[("update gate", 1)].tolist() == by_place.loc[("h", 2)].tolist()
    assert list(dict.fromkeys(found["quantity"])) == GRU
    assert found["word"].tolist() == ["not", "dull"] * 4


def test_a_cell_without_gates_has_its_state_alone() -> None:
    units = torch.tensor([[0.5, 0.1]])
    found = gates(Traced("rnn", ["dull"], [LayerTrace(1, "forward", RNNSteps(3 * units, units))], []))
    assert found[["quantity", "high"]].values.tolist() == [["h", pytest.approx(0.5)]]


def test_a_layer_that_reads_from_the_end_is_followed_in_its_only_direction() -> None:
    units = torch.tensor([[0.5], [0.1]])
    layers = [LayerTrace(1, "backward", RNNSteps(units, units))]
    assert gates(Traced("rnn", ["not", "dull"], layers, []))["median"].tolist() == pytest.approx([0.5, 0.1])


def test_answers_are_taken_apart() -> None:
    found = answers(Traced("rnn", ["not", "dull"], [], ["bad 0.75", "not so bad 0.51"]))
    assert found.values.tolist() == [[1, "not", "bad", 0.75], [2, "dull", "not so bad", 0.51]]


def test_the_table_has_every_step_of_every_network(places: Places) -> None:
    told: list[str] = []
    probe(parse(PARAMS), *PROBE, places, tell=told.append)
    assert told[0].startswith("probe gates@mood: looked into 6 networks in ")
    found = pd.read_csv(places.results / "gates.csv")
    keys = [
        [variant, seed, layer, step, word, quantity]
        for variant, quantities in (("rnn", ["h"]), ("gru", GRU), ("bilstm", LSTM))
        for seed in (0, 1)
        for layer in (1, 2)
        for quantity in quantities
        for step, word in enumerate(SENTENCE.split(), 1)
    ]
    assert found[["variant", "seed", "layer", "step", "word", "quantity"]].values.tolist() == keys
    ends = found[["low", "q1", "median", "q3", "high"]]
    assert (ends.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    gate = found["quantity"].str.endswith("gate")
    assert (ends[gate] > 0).all(axis=None)
    assert (ends[gate] < 1).all(axis=None)
    said = pd.read_csv(places.results / "answers.csv")
    assert list(said) == ["variant", "seed", "step", "word", "answer", "probability"]
    assert len(said) == 6 * 6
    assert said["probability"].between(0.5, 1).all()


def test_what_reads_padding_is_one_line(places: Places) -> None:
    folder = places.models / "gru/0/bundle"
    dataset = PreparedDataset.open(places.dataset)
    values = variants(parse(PARAMS), "mood")["gru"].model_dump()
    described = {
        "task": "classification",
        "architecture": "classifier",
        "model": values["model"],
        "data": values["data"] | {"padding": "before"},
        "seed": 0,
    }
    network = classifier.build(values["model"], dataset.description)
    save(folder, network, {"text": dataset.tokenizer("text")}, dataset.description | described)
    with pytest.raises(UserError, match=r"gru/0/bundle: model: reads padding as words") as error:
        probe(parse(PARAMS), *PROBE, places)
    assert "\n" not in str(error.value)
