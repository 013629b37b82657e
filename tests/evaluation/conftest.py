"""A small project on disk: two prepared datasets, and bundles of networks that were never trained."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from pipeline.build import (
    captioner,
    classifier,
    forecaster,
    imputer,
    language_model,
    rater,
    tagger,
    transcriber,
    translator,
)
from pipeline.bundle.load import load
from pipeline.bundle.save import save
from pipeline.config import parse, variants
from pipeline.config.schema.corpora import TonesCorpus
from pipeline.corpora import download
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.evaluation.experiment import Places
from pipeline.images import png

SIZES = {"train": 131, "validation": 17, "test": 23, "other": 5}
WORDS = ["one", "two", "three", "four", "five", "six", "seven"]
TRANSLATED = {word: word[::-1] for word in WORDS}
ARCHITECTURES = {
    "classification": classifier,
    "translation": translator,
    "tagging": tagger,
    "forecasting": forecaster,
    "imputation": imputer,
    "transduction": translator,
    "rating": rater,
    "language_modelling": language_model,
    "captioning": captioner,
    "transcription": transcriber,
}
PLAIN_TRAINING = {"epochs": 1, "learning_rate": 0.1}
PARTS = {
    "kind": "tagged_text",
    "corpus": "parts",
    "tests": ["test", "other"],
    "words": {"vocabulary": 50, "minimum_frequency": 1},
}
TAGGING = {
    "task": "tagging",
    "question": "Which tag?",
    "seeds": 2,
    "data": {"batch_tokens": 100, "max_tokens": 11},
    "model": {"embedding": 5, "characters": 4, "hidden": 7},
    "training": PLAIN_TRAINING,
    "grid": {"plain": {}, "crf": {"model": {"crf": True}}},
}
PARAMS = {
    "profile": "smoke",
    "corpora": {
        "moods": {"reader": "reviews", "sizes": {"train": 5, "validation": 5, "test": 5}},
        "numbers": {"reader": "translation", "sizes": {"train": 5, "validation": 5, "test": 5}},
        "parts": {"reader": "tags", "sizes": {"train": 5, "validation": 5, "test": 5}},
        "stories": {"reader": "questions", "sizes": {"train": 5, "validation": 5, "test": 5}},
        "waves": {"reader": "ett", "sources": ["mirror"], "upstream": "none", "retries": 0},
        "shades": {"reader": "scenes", "sizes": {"train": 5, "validation": 5, "test": 5}},
        "tones": {"reader": "tones", "recordings": 8},
    },
    "datasets": {
        "moods": {
            "kind": "labelled_text",
            "corpus": "moods",
            "classes": ["bad", "fair", "good"],
            "tests": ["test", "other"],
            "tokenizer": {"kind": "word", "vocabulary": 50, "minimum_frequency": 1},
        },
        "numbers": {
            "kind": "text_pairs",
            "corpus": "numbers",
            "source": "en",
            "target": "de",
            "tests": ["test", "other"],
            "tokenizer": {"kind": "bpe", "vocabulary": 40, "minimum_frequency": 1},
        },
        "parts": PARTS | {"tags": "upos"},
        "names": PARTS | {"tags": "ner", "scheme": "bio"},
        "stories": {
            "kind": "answered_text",
            "corpus": "stories",
            "source": ["story"],
            "target": "answer",
            "measure": "exact_match",
            "group": "type",
            "tests": ["test", "other"],
            "tokenizer": {"kind": "word", "vocabulary": 50, "minimum_frequency": 1},
        },
        "waves": {
            "kind": "series",
            "corpus": "waves",
            "series": "hours",
            "columns": ["tide", "wind"],
            "horizons": [2, 30],
            "train": 500,
            "validation": 170,
            "test": 130,
        },
        "stars": {
            "kind": "rated_text",
            "corpus": "moods",
            "levels": [1, 2, 5],
            "tests": ["test", "other"],
            "tokenizer": {"kind": "word", "vocabulary": 50, "minimum_frequency": 1},
        },
        "lines": {
            "kind": "running_text",
            "corpus": "moods",
            "tests": ["test", "other"],
            "tokenizer": {"kind": "spaces", "vocabulary": 50, "minimum_frequency": 1, "lowercase": False},
        },
        "shades": {
            "kind": "captioned_images",
            "corpus": "shades",
            "side": 8,
            "tests": ["test", "other"],
            "tokenizer": {"kind": "word", "vocabulary": 50, "minimum_frequency": 1},
        },
        "tones": {
            "kind": "spoken_digits",
            "corpus": "tones",
            "new_speaker": "elif",
            "hold_out": 1,
            "digits": 3,
            "rows": {"train": 131, "validation": 17, "test": 23},
            "mels": 11,
            "stack": 3,
        },
    },
    "experiments": {
        "mood": {
            "task": "classification",
            "question": "Which mood?",
            "dataset": "moods",
            "seeds": 2,
            "data": {"batch_tokens": 100, "max_tokens": 11},
            "model": {"cell": "gru", "embedding": 5, "hidden": 7},
            "training": PLAIN_TRAINING,
            "grid": {"gru": {}, "lstm": {"model": {"cell": "lstm"}}},
        },
        "number": {
            "task": "translation",
            "question": "Which number?",
            "dataset": "numbers",
            "seeds": 2,
            "data": {"batch_tokens": 100, "max_tokens": 11},
            "model": {"embedding": 5, "hidden": 14},
            "training": PLAIN_TRAINING,
            "decoding": {"beam": 3, "n_best": 2, "max_ratio": 1.0},
            "grid": {"none": {"model": {"attention": "none"}}, "luong": {}},
        },
        "part": TAGGING | {"dataset": "parts"},
        "name": TAGGING | {"dataset": "names"},
        "answer": {
            "task": "transduction",
            "question": "Which answer?",
            "dataset": "stories",
            "seeds": 2,
            "data": {"batch_tokens": 100, "max_tokens": 11},
            "model": {"embedding": 5, "hidden": 14},
            "training": PLAIN_TRAINING,
            "decoding": {"beam": 2, "n_best": 1, "max_ratio": 1.0, "show": ["one two three"]},
            "baselines": ["most_frequent", "most_frequent_by_group", "chance", "nearest"],
            "grid": {"none": {"model": {"attention": "none"}}, "luong": {}},
        },
        "wave": {
            "task": "forecasting",
            "question": "Which wave?",
            "dataset": "waves",
            "seeds": 2,
            "data": {"batch_tokens": 300, "max_tokens": 12, "keep": "last"},
            "model": {"hidden": 5, "patch": 4},
            "training": PLAIN_TRAINING,
            "grid": {"lstm": {}, "apart": {"model": {"apart": True}}},
        },
        "hole": {
            "task": "imputation",
            "question": "Which hours are missing?",
            "dataset": "waves",
            "seeds": 2,
            "data": {"batch_tokens": 300, "max_tokens": 40, "gap": 5},
            "model": {"hidden": 5, "bidirectional": True},
            "training": PLAIN_TRAINING,
            "baselines": ["repeat_last_5", "seasonal_5", "interpolation_5", "interpolation_30"],
            "grid": {"five": {}, "thirty": {"data": {"gap": 30}}, "next": {"data": {"asked": "next"}}},
        },
        "star": {
            "task": "rating",
            "question": "How many stars?",
            "dataset": "stars",
            "seeds": 2,
            "data": {"batch_tokens": 100, "max_tokens": 11},
            "model": {"embedding": 5, "hidden": 7},
            "training": PLAIN_TRAINING,
            "grid": {head: {"model": {"head": head}} for head in ("regression", "ordinal", "classes")},
        },
        "line": {
            "task": "language_modelling",
            "question": "Which word next?",
            "dataset": "lines",
            "seeds": 2,
            "data": {"batch_tokens": 60, "max_tokens": 12},
            "model": {"embedding": 5, "hidden": 7},
            "training": PLAIN_TRAINING,
            "grid": {"gru": {"model": {"cell": "gru"}}, "lstm": {}},
        },
        "shade": {
            "task": "captioning",
            "question": "Which shade?",
            "dataset": "shades",
            "seeds": 2,
            "data": {"batch_tokens": 100, "max_tokens": 11},
            "model": {"channels": [8, 16], "embedding": 5, "hidden": 7},
            "training": PLAIN_TRAINING,
            "decoding": {"beam": 3, "n_best": 2, "longest": 5, "batch_pictures": 7},
            "grid": {"state": {}, "luong": {"model": {"attention": "luong"}}},
        },
        "tone": {
            "task": "transcription",
            "question": "Which digits?",
            "dataset": "tones",
            "seeds": 2,
            "data": {"batch_tokens": 100, "max_tokens": 50},
            "model": {"embedding": 5, "hidden": 14},
            "training": PLAIN_TRAINING,
            "decoding": {"beam": 3, "n_best": 2, "longest": 5, "batch_sounds": 7},
            "baselines": ["chance", "most_frequent", "templates"],
            "grid": {"none": {"model": {"attention": "none"}}, "luong": {}},
        },
    },
    "trainer": {"accelerator": "cpu"},
    "probes": {},
    "execution": {"workers": 1},
}


@dataclass(frozen=True)
class Project:
    """A project below `root`; `params` as `pipeline.config.parse` makes them of `raw`."""

    root: Path
    raw: dict

    @property
    def params(self):
        return parse(self.raw)

    def places(self, key):
        return Places.of(self.params, key, self.root)

    def changed(self, key, **changes):
        """The same project with other parameters of one experiment."""
        raw = json.loads(json.dumps(self.raw))
        raw["experiments"][key] |= changes
        return Project(self.root, raw)

    def train(self, key):
        """Writes models/ with fresh networks where there are none yet."""
        dataset = PreparedDataset.open(self.places(key).dataset)
        for variant, resolved in variants(self.params, key).items():
            for seed in range(resolved.seeds):
                folder = self.places(key).models / variant / str(seed)
                if not folder.exists():
                    torch.manual_seed(seed)
                    _write_run(folder, resolved.model_dump(), dataset, variant, seed)

    def bundle(self, key, variant, seed=0):
        return load(self.places(key).models / variant / str(seed) / "bundle")

    def dataset(self, key):
        return PreparedDataset.open(self.places(key).dataset)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A project with its models, to be read only."""
    root = tmp_path_factory.mktemp("project")
    project = Project(root, PARAMS)
    rng = random.Random(0)
    raw = {"moods": _moods(rng), "numbers": _numbers(rng), "parts": _parts(rng), "stories": _stories(rng)}
    raw["names"], raw["waves"], raw["lines"] = raw["parts"], _waves(), _lines(rng)
    raw["shades"] = _shades(rng)
    raw["stars"] = {
        split: {"text": rows["text"], "rating": [[1, 2, 5][label] for label in rows["label"]]}
        for split, rows in raw["moods"].items()
    }
    for name, splits in raw.items():
        folder = root / "data/raw/smoke" / name
        folder.mkdir(parents=True)
        for split, rows in splits.items():
            pd.DataFrame(rows).to_parquet(folder / f"{split}.parquet")
        prepare(project.params.datasets[name], folder, root / "data/prepared/smoke" / name)
    tones = root / "data/raw/smoke/tones"
    download("tones", TonesCorpus(**PARAMS["corpora"]["tones"]), tones)
    prepare(project.params.datasets["tones"], tones, root / "data/prepared/smoke/tones")
    for key in PARAMS["experiments"]:
        project.train(key)
    return project


@pytest.fixture
def project(prepared, tmp_path, monkeypatch):
    """The project with a place of its own for what evaluation writes; the working directory."""
    for name in ("data", "models"):
        (tmp_path / name).mkdir()
    (tmp_path / "data/prepared").symlink_to(prepared.root / "data/prepared")
    (tmp_path / "models/smoke").mkdir()
    for key in PARAMS["experiments"]:
        for variant in sorted((prepared.root / "models/smoke" / key).iterdir()):
            for seed in variant.iterdir():
                place = tmp_path / "models/smoke" / key / variant.name / seed.name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(seed)
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path, prepared.raw)


def _moods(rng):
    telling = ["awful", "middling", "lovely"]
    splits = {}
    for split, size in SIZES.items():
        labels = [i % 3 for i in range(size)]
        # Every fourth is shorter.
        lengths = [6 if i % 4 == 3 else 8 for i in range(size)]
        texts = [
            " ".join(rng.sample([*WORDS, telling[label]], k=length))
            for label, length in zip(labels, lengths, strict=True)
        ]
        splits[split] = {"text": texts, "label": labels}
    return splits


def _numbers(rng):
    splits = {}
    for split, size in SIZES.items():
        words = [rng.choices(WORDS, k=rng.randint(1, 7)) for _ in range(size)]
        sources = [" ".join(each) for each in words]
        targets = [" ".join(TRANSLATED[word] for word in each) for each in words]
        several = [[target, target.upper()][: 1 + i % 2] for i, target in enumerate(targets)]
        splits[split] = {"en": sources, "de": targets, "de_references": several}
    return splits


def _stories(rng):
    """Two kinds: the answer is the first word, or how many there are."""
    splits = {}
    for split, size in SIZES.items():
        stories = [rng.choices(WORDS, k=rng.randint(2, 7)) for _ in range(size)]
        kinds = ["count" if i % 3 else "first" for i in range(size)]
        answers = [
            words[0] if kind == "first" else WORDS[len(words) - 1]
            for words, kind in zip(stories, kinds, strict=True)
        ]
        splits[split] = {"story": [" ".join(words) for words in stories], "type": kinds, "answer": answers}
    return splits


def _parts(rng):
    splits = {}
    for split, size in SIZES.items():
        tokens = [rng.choices(WORDS, k=rng.randint(1, 7)) for _ in range(size)]
        upos = [["NUM" if word < "s" else "X" for word in words] for words in tokens]
        ner = [["B-ORG" if word == "six" else "O" for word in words] for words in tokens]
        splits[split] = {"tokens": tokens, "upos": upos, "ner": ner}
    return splits


def _lines(rng):
    """They count up from anywhere, and after seven comes one."""
    splits = {}
    for split, size in SIZES.items():
        starts = [rng.randrange(len(WORDS)) for _ in range(size)]
        lines = [(2 * WORDS)[start : start + rng.randint(1, 7)] for start in starts]
        splits[split] = {"text": [" ".join(words) for words in lines]}
    return splits


def _shades(rng):
    """A picture of one shade of grey, and what captions call its third of them."""
    splits = {}
    for split, size in SIZES.items():
        shades = [rng.randrange(256) for _ in range(size)]
        words = [("dark", "grey", "light")[shade * 3 // 256] for shade in shades]
        pictures = [png(np.full((8, 8, 3), shade, dtype=np.uint8)) for shade in shades]
        captions = [[f"all {word}", f"all is {word} here"] for word in words]
        splits[split] = {"image": pictures, "captions": captions}
    return splits


def _waves():
    """Two days of one wave, of the other some noise: more hours than are used."""
    hours = np.arange(1000)
    tide = 7 + 3 * np.sin(2 * np.pi * hours / 24)
    wind = 2 * np.cos(2 * np.pi * hours / 24) + np.random.default_rng(0).normal(size=1000) / 5
    dates = pd.date_range("2001-02-03", periods=1000, freq="h").strftime("%Y-%m-%d %H:%M:%S")
    return {"hours": {"date": dates, "tide": tide, "wind": wind}}


def _write_run(folder, values, dataset, variant, seed):
    architecture = ARCHITECTURES[values["task"]]
    network = architecture.build(values["model"], dataset.description)
    description = dataset.description | {
        "task": values["task"],
        "architecture": architecture.__name__.rpartition(".")[2],
        "model": values["model"],
        "data": values["data"],
        "seed": seed,
    }
    tokenizers = {column: dataset.tokenizer(column) for column in dataset.vocabulary}
    save(folder / "bundle", network, tokenizers, description)
    run = {"signature": f"{variant}-{seed}", "code_digest": "the code", "seed": seed}
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "timing.json").write_text(json.dumps({"minutes": 0.25 + seed}))
    (folder / "curves.csv").write_text(f"step,epoch,metric,value\n3,1.0,validation_score,0.{seed + 1}\n")
