"""The files of the probe of states, of networks that were never trained."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from pipeline.build import language_model
from pipeline.bundle.save import save
from pipeline.config import parse, variants
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.files import read_json, write_json
from pipeline.probes.experiment import Places, probe

PROBE = ("states", "language")
PARAMS: dict[str, Any] = {
    "profile": "smoke",
    "corpora": {"lines": {"reader": "text", "sizes": {"train": 5, "validation": 5, "test": 5}}},
    "datasets": {
        "lines": {
            "kind": "running_text",
            "corpus": "lines",
            "tokenizer": {"kind": "spaces", "vocabulary": 50, "minimum_frequency": 1},
        }
    },
    "experiments": {
        "language": {
            "task": "language_modelling",
            "question": "What do the states hold?",
            "dataset": "lines",
            "seeds": 2,
            "data": {"batch_tokens": 10, "max_tokens": 5},
            "model": {"cell": "lstm", "embedding": 5, "hidden": 7, "layers": 2},
            "training": {"epochs": 1, "learning_rate": 0.1},
            "grid": {"none": {}, "other": {}},
        }
    },
    "probes": {"states": {"language": {"dataset": "lines", "back": [0, 1, 3], "words": 4, "tokens": 300}}},
    "trainer": {},
    "execution": {"workers": 1},
}


def lay(places: Places, **cells: str) -> None:
    """Networks of every variant and seed; `cells`: variant -> cell."""
    dataset = PreparedDataset.open(places.dataset)
    for variant, resolved in variants(parse(PARAMS), "language").items():
        values = resolved.model_dump()
        model = values["model"] | {"cell": cells.get(variant, "lstm")}
        for seed in range(2):
            torch.manual_seed(seed)
            described = {
                "task": "language_modelling",
                "architecture": "language_model",
                "model": model,
                "data": values["data"],
                "seed": seed,
            }
            network = language_model.build(model, dataset.description)
            folder = places.models / variant / str(seed)
            tokenizers = {"text": dataset.tokenizer("text")}
            save(folder / "bundle", network, tokenizers, dataset.description | described)
            write_json(folder / "run.json", {"signature": f"{variant}-{seed}"})


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Forty test lines of nine words and an end."""
    params = parse(PARAMS)
    places = Places.of(params, *PROBE, tmp_path)
    raw = tmp_path / "raw"
    raw.mkdir()
    for split in ("train", "validation", "test"):
        lines = [" ".join("abcdefgh"[(row * 5 + step * step) % 8] for step in range(9)) for row in range(40)]
        pd.DataFrame({"text": lines}).to_parquet(raw / f"{split}.parquet")
    prepare(params.datasets["lines"], raw, places.dataset)
    lay(places)
    return places


def test_both_tables_have_every_state_and_step_of_every_network(places: Places) -> None:
    told: list[str] = []
    probe(parse(PARAMS), *PROBE, places, tell=told.append)
    assert told[0].startswith("probe states@language: looked into 4 networks in ")
    keys = [
        [variant, seed, state, back]
        for variant in ("none", "other")
        for seed in (0, 1)
        for state in "hc"
        for back in (0, 1, 3)
    ]
    readout = pd.read_csv(places.results / "readout.csv")
    assert list(readout) == ["variant", "seed", "state", "back", "accuracy", "chance", "tokens"]
    damage = pd.read_csv(places.results / "damage.csv")
    assert list(damage) == ["variant", "seed", "state", "back", "nll"]
    for table in (readout, damage):
        assert table[["variant", "seed", "state", "back"]].values.tolist() == keys
    assert readout[["accuracy", "chance"]].stack().between(0, 1).all()
    (facts,) = read_json(places.results / "provenance.json")
    assert (facts["probe"], facts["experiment"]) == PROBE
    assert facts["settings"]["back"] == [0, 1, 3]


def test_another_cell_is_one_line(places: Places) -> None:
    lay(places, other="gru")
    line = r"other/0/bundle: states: gru has no h and c; leave the variant out of the experiment$"
    with pytest.raises(UserError, match=line):
        probe(parse(PARAMS), *PROBE, places)
