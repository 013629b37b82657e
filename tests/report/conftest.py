"""Made-up results in the files that the stages write: each task, of taggings one per scheme, one not run."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.claims.ledger import judge_all
from pipeline.config import parse
from pipeline.config.schema.params import Params
from pipeline.files import read_json, write_json
from pipeline.metrics.intervals import t_interval
from pipeline.report import stepped
from pipeline.report.load import Digests
from pipeline.report.page import render

EVIL = "<script>alert('unsafe')</script>"
CLASSIFIERS = {"rnn": 0.781, "gru": 0.874, "lstm": 0.881, "bilstm": 0.885}
TRANSLATORS = {"none": 17.3, "bahdanau": 34.9, "luong": 36.2}
WORD_BY_WORD = {"copy_source": 1.7, "word_table": 7.3}
TASKS = {"sentiment": "classification", "translation": "translation", "answers": "transduction"}
HALF_LIVES = {"rnn": 3, "gru": 37, "lstm": 41}
"""Steps after which a cell remembers half of what it was told."""
HELD = {"lstm": 40, "open_input": 18, "open_forget": 11, "open_output": 32}
"""The same, of an LSTM and of those that have a gate held open."""
READ = "the film was not bad"
GATES = {"rnn": ["h"], "lstm": ["input gate", "forget gate", "output gate", "candidate", "c", "h"]}
"""Variant that a probe looked into -> what it saw."""
SEARCHED = [
    (0, -1, 0, "<s>", 0.0, 0.0, None, "best"),
    (1, 0, 1, "la", -0.5, -0.5, None, "best"),
    (2, 0, 1, "une", -1.1, -1.1, None, "kept"),
    (3, 0, 1, EVIL, -3.0, -3.0, None, "dropped"),
    (4, 1, 2, "lampe", -0.4, -0.9, None, "best"),
    (5, 1, 2, "porte", -1.4, -1.9, None, "kept"),
    (6, 2, 2, "</s>", -1.5, -2.6, -1.3, "dropped"),
    (7, 4, 3, "</s>", -0.1, -1.0, -0.33, "best"),
    (8, 5, 3, "</s>", -0.2, -2.1, -0.7, "finished"),
    (9, 5, 3, "rouge", -1.8, -3.7, None, "dropped"),
    (10, 9, 4, "</s>", -0.1, -3.8, -0.95, "finished"),
]
"""Nodes of a search for "the lamp"; the last was tried in vain after the winner had ended."""
SHOWN = {"the red lamp": "train", "a white door": "test", "near the old cat": "none"}
"""Sentence that the parameters name -> split that has it."""
ANSWERERS = {"none": 0.41, "luong": 0.63}
KINDS = {"one fact": 0.1, "two facts": -0.2, "yes or no": 0.1}
"""Kind of question -> how much easier it is."""
TAGGERS = {"lstm": 0.904, "bilstm": 0.937, "words_only": 0.871}
FINDERS = {"softmax": 0.62, "crf": 0.67}
TAGS = {
    "NOUN": 4123,
    "PUNCT": 3096,
    "VERB": 2606,
    "PRON": 2164,
    "ADP": 2025,
    "DET": 1896,
    "PROPN": 1797,
    "ADJ": 1689,
    "AUX": 1543,
    "ADV": 1195,
    "CCONJ": 736,
    "PART": 649,
    "NUM": 542,
    "SCONJ": 384,
    "INTJ": 121,
    "SYM": 109,
    "X": 41,
}
CONFUSED = {"NOUN": "PROPN", "PROPN": "NOUN", "VERB": "AUX", "AUX": "VERB", "ADP": "SCONJ", "SCONJ": "ADP"}
CONFUSED |= {"ADJ": "NOUN", "X": "PROPN", "INTJ": "PROPN", "SYM": "PUNCT"}
ENTITIES = {"PER": 389, "LOC": 281, "ORG": 197}
TAGGED = {"the": "DET", "old": "ADJ", "zoologist": "NOUN", "Ann": "PROPN", "saw": "VERB", "it": "PRON"}
TAGGED |= {"near": "ADP", "is": "AUX", "soon": "ADV", ",": "PUNCT", "Geneva": "PROPN", "and": "CCONJ"}
LEXICON = {
    "the": "la",
    "old": "vieille",
    "cat": "chatte",
    "sees": "voit",
    "a": "une",
    "red": "rouge",
    "lamp": "lampe",
    "near": "près",
    "door": "porte",
    "and": "et",
    "house": "maison",
    "white": "blanche",
    "table": "table",
}


@dataclass(frozen=True)
class Project:
    """A folder of results and what belongs to it."""

    params: Params
    results: Path
    predictions: Path
    current: dict[str, Digests]

    def page(self) -> str:
        return render(self.params, self.results, self.predictions, self.current)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """For reading only."""
    return make_project(tmp_path_factory.mktemp("pristine"))


@pytest.fixture
def project(pristine: Project, tmp_path: Path) -> Project:
    """A copy that a test may change."""
    shutil.copytree(pristine.results, tmp_path / "results")
    shutil.copytree(pristine.predictions, tmp_path / "predictions")
    current = dict(pristine.current)
    return Project(pristine.params, tmp_path / "results", tmp_path / "predictions", current)


def make_project(root: Path) -> Project:
    results, predictions = root / "results/demo", root / "predictions/demo"
    rng = np.random.default_rng(7)
    _write_records(results)
    _write_classification(results / "sentiment", rng)
    _write_translation(results / "translation", predictions / "translation", rng)
    _write_tagging(results / "tags", predictions / "tags", TAGGERS, rng, scheme="plain")
    _write_tagging(results / "entities", predictions / "entities", FINDERS, rng, scheme="bio")
    _write_answers(results / "answers", rng)
    _write_ledger(results)
    params = _params()
    _write_probes(results, params)
    names = ("sentiment", "translation", "tags", "entities", "answers", "filler")
    return Project(params, results, predictions, {name: Digests("code", "parameters") for name in names})


def _params() -> Params:
    tokenizer = {"kind": "word", "vocabulary": 997}
    batches = {"batch_tokens": 1021, "max_tokens": 61}
    train = {"epochs": 7, "learning_rate": 0.005}
    labelled = {
        "kind": "labelled_text",
        "corpus": "imdb",
        "classes": ["negative", "positive"],
        "tokenizer": tokenizer,
    }
    pairs = {
        "kind": "text_pairs",
        "corpus": "translation",
        "source": "en",
        "target": "fr",
        "tokenizer": tokenizer,
    }
    reads = {
        "task": "classification",
        "dataset": "imdb_words",
        "seeds": 3,
        "data": batches,
        "training": train,
    }
    sentiment = reads | {
        "question": "Which recurrent cell reads a review best?",
        "model": {"hidden": 47},
        "grid": {"rnn": {"model": {"cell": "rnn"}}, "gru": {"model": {"cell": "gru"}}, "lstm": {}}
        | {"bilstm": {"model": {"bidirectional": True}}},
    }
    translation = {
        "task": "translation",
        "question": "What does attention add to an encoder-decoder?",
        "dataset": "translation_en_fr",
        "seeds": 3,
        "data": batches,
        "model": {"hidden": 62},
        "training": train,
        "grid": {name: {"model": {"attention": name}} for name in TRANSLATORS},
    }
    words = {"kind": "tagged_text", "corpus": "tags", "words": {"vocabulary": 997}}
    tagged = {"task": "tagging", "seeds": 3, "data": batches, "model": {"hidden": 46}, "training": train}
    tags = tagged | {
        "question": "What does the future of a sentence tell about a word?",
        "dataset": "tags_pos",
        "grid": {"lstm": {"model": {"bidirectional": False}}, "bilstm": {}}
        | {"words_only": {"model": {"characters": 0}}},
    }
    entities = tagged | {
        "question": "Does choosing tags together find entities better?",
        "dataset": "tags_entities",
        "grid": {"softmax": {}, "crf": {"model": {"crf": True}}},
    }
    answers = translation | {
        "task": "transduction",
        "question": "Can a network find the answer in a story?",
        "dataset": "questions_words",
        "baselines": ["most_frequent_by_group"],
        "grid": {name: {"model": {"attention": name}} for name in ANSWERERS},
    }
    filler = reads | {"question": "Does the end of a review decide?", "model": {}, "grid": {"first": {}}}
    upstream = {"url": "https://example.org/aclImdb_v1.tar.gz"}
    return parse(
        {
            "profile": "demo",
            "corpora": {
                "imdb": {"reader": "imdb", "sources": ["upstream"], "upstream": upstream},
                "translation": {"reader": "translation"},
                "tags": {"reader": "tags"},
                "questions": {"reader": "questions"},
            },
            "datasets": {
                "imdb_words": labelled,
                "translation_en_fr": pairs | {"tests": ["test", "joined"]},
                "tags_pos": words | {"tags": "upos"},
                "questions_words": {"kind": "answered_text", "corpus": "questions", "tokenizer": tokenizer}
                | {"source": ["story"], "target": "answer", "measure": "exact_match", "group": "type"},
                "tags_entities": words | {"tags": "ner", "scheme": "bio"},
            },
            "experiments": {
                "sentiment": sentiment,
                "translation": translation,
                "tags": tags,
                "entities": entities,
                "answers": answers,
                "filler": filler,
            },
            "trainer": {},
            "probes": {
                "gates": {"filler": {"dataset": "imdb_words", "sentence": READ}},
                "beam": {"translation": {"dataset": "translation_en_fr", "sentence": "the lamp", "beam": 2}},
            },
            "execution": {},
        }
    )


def _write_records(results: Path) -> None:
    for name, kind, place, licence in (
        ("imdb", "upstream", "https://example.org/aclImdb_v1.tar.gz", "free for research"),
        ("translation", "generated", "pipeline/corpora/embedded/translation.py", "as this project"),
    ):
        digests = {
            split: {"rows": rows, "sha256": f"{rows:064x}"}
            for split, rows in (("train", 24989), ("test", 997))
        }
        record = {"corpus": name, "reader": name, "source": kind, "place": place, "splits": digests}
        words = {
            "revision": "seed 0",
            "licence": licence,
            "citation": "Made up for this test, 2024",
            "notes": [f"A trap of {name}."],
            "time": "2025-03-01T12:00:00+00:00",
        }
        write_json(results / f"corpora/{name}.json", [record | words | {"minutes": 0.61}])
    for name, columns in (("imdb_words", ["text"]), ("translation_en_fr", ["source", "target"])):
        quantiles = {column: {"p5": 3.0, "p50": 11.0, "p95": 29.0, "max": 53.0} for column in columns}
        facts = {"rows": 24989, "tokens": dict.fromkeys(columns, 613211), "length_quantiles": quantiles}
        facts |= {"unknown_share": dict.fromkeys(columns, 0.0173)}
        record = {
            "dataset": name,
            "corpus": name,
            "kind": "text",
            "splits": {"train": facts, "test": facts | {"rows": 997}},
        }
        record |= {
            "vocabulary": dict.fromkeys(columns, 997),
            "overlaps": [{"splits": ["train", "test"], "rows": 123}],
        }
        write_json(results / f"datasets/{name}.json", [record | {"digest": "data", "minutes": 0.12}])


def _write_scores(folder: Path, rows: list[tuple[Any, ...]]) -> None:
    """scores.csv, and summary.csv by the project's own interval."""
    columns = ["variant", "role", "seed", "split", "metric", "value", "signature"]
    scores = pd.DataFrame(rows, columns=columns)
    summary = []
    for key, group in scores.groupby(["variant", "role", "split", "metric"], sort=False):
        interval = t_interval(group["value"].tolist())
        summary.append([*key, interval.mean, interval.low, interval.high, len(group)])
    (folder / "tables").mkdir(parents=True)
    scores.to_csv(folder / "scores.csv", index=False)
    columns = ["variant", "role", "split", "metric", "mean", "low", "high", "seeds"]
    pd.DataFrame(summary, columns=columns).to_csv(folder / "summary.csv", index=False)


def _write_curves(folder: Path, levels: dict[str, float], rng: np.random.Generator) -> None:
    rows = []
    for variant, level in levels.items():
        for seed in range(3):
            pace = rng.uniform(60, 90)
            for step in range(5, 1401, 5):
                loss = 0.69 * np.exp(-step / pace / 5) + 0.25 / level + rng.normal(0, 0.02)
                rows.append((variant, seed, step, step // 200, "train_loss", loss))
            for epoch in range(7):
                rise = 1 - np.exp(-(epoch + 1) / 2.2)
                loss, score = 0.7 - 0.3 * rise + 0.012 * epoch, level * rise + rng.normal(0, 0.006 * level)
                for metric, value in (("validation_loss", loss), ("validation_score", score)):
                    rows.append((variant, seed, 200 * epoch + 200, epoch, metric, value))
    columns = ["variant", "seed", "step", "epoch", "metric", "value"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "curves.csv", index=False)


def _write_provenance(folder: Path, variants: list[str]) -> None:
    runs = [f"{variant}/{seed}" for seed in range(3) for variant in variants]
    machine = {
        "cpu": "Made-up CPU",
        "cores": 2,
        "gpu": None,
        "memory_gib": 23.5,
        "platform": "Linux",
        "python": "3.11.7",
    }
    record = {
        "experiment": folder.name,
        "task": TASKS.get(folder.name, "tagging"),
        "dataset": "made_up",
        "corpus": "imdb" if folder.name == "sentiment" else "translation",
        "variants": {key: {} for key in variants},
        "seeds": 3,
        "signatures": {run: f"{place:032x}" for place, run in enumerate(runs)},
        "commit": "0123456789abcdef",
        "dirty": False,
        "code_digest": "code",
        "parameters_digest": "parameters",
        "dataset_digest": "data",
        "machine": machine | {"torch": "2.13.0"},
        "minutes": {"train": 17.3, "evaluate": 1.1, "per_run": dict.fromkeys(runs, 1.44)},
        "time": "2025-03-01T13:00:00+00:00",
    }
    write_json(folder / "provenance.json", [record])


def _write_classification(folder: Path, rng: np.random.Generator) -> None:
    scores: list[tuple[Any, ...]] = []
    confusion, calibration = [], []
    systems = [(name, "model", seed) for name in CLASSIFIERS for seed in range(3)]
    for name, role, seed in [*systems, ("majority", "baseline", -1), ("nbsvm", "baseline", -1)]:
        accuracy = CLASSIFIERS.get(name, 0.5 if name == "majority" else 0.9031) + (
            role == "model"
        ) * rng.normal(0, 0.003)
        for metric, shift in (("accuracy", 0.0), ("f1", 0.004), ("roc_auc", 0.05), ("ece", 0.04 - accuracy)):
            scores.append((name, role, seed, "test", metric, accuracy + shift, None))
        right = round(500 * accuracy)
        for actual in (0, 1):
            confusion += [
                (name, seed, "test", actual, actual, right),
                (name, seed, "test", actual, 1 - actual, 500 - right),
            ]
        for place, confidence in enumerate(np.linspace(0.525, 0.975, 10)):
            share = confidence - 0.09 * (confidence - 0.5) + rng.normal(0, 0.01)
            calibration.append((name, seed, "test", place, confidence, share, 20 + 14 * place))
    _write_scores(folder, scores)
    columns = ["variant", "seed", "split", "actual", "predicted", "count"]
    pd.DataFrame(confusion, columns=columns).to_csv(folder / "tables/confusion.csv", index=False)
    columns = ["variant", "seed", "split", "bin", "confidence", "accuracy", "count"]
    pd.DataFrame(calibration, columns=columns).to_csv(folder / "tables/calibration.csv", index=False)
    _write_curves(folder, CLASSIFIERS, rng)
    _write_provenance(folder, list(CLASSIFIERS))


def _write_translation(folder: Path, predictions: Path, rng: np.random.Generator) -> None:
    scores: list[tuple[Any, ...]] = []
    lengths = []
    signature = "nrefs:1|case:lc|eff:no|tok:13a|smooth:exp|version:2.6.0"
    for name, level in TRANSLATORS.items():
        for seed in range(3):
            for split, drop in (("test", 0.0), ("joined", 3.0 if name != "none" else 9.0)):
                bleu = level - drop + rng.normal(0, 0.3)
                for metric, value in (("bleu", bleu), ("bleu_greedy", bleu - 1.2), ("chrf", bleu + 20)):
                    scores.append((name, "model", seed, split, metric, value, signature))
                scores.append((name, "model", seed, split, "length_ratio", 0.97, None))
                for low in (1, 6, 11, 16, 21):
                    fall = (0.5 if name != "none" else 0.9) * (low - 1)
                    bucket = (f"{low}-{low + 4}", low, low + 4, 199)
                    lengths.append((name, seed, split, *bucket, bleu + 3 - fall + rng.normal(0, 0.5)))
    for name, bleu in WORD_BY_WORD.items():
        for split in ("test", "joined"):
            for metric, value in (("bleu", bleu), ("chrf", bleu + 20)):
                scores.append((name, "baseline", -1, split, metric, value, signature))
            lengths += [(name, -1, split, f"{low}-{low + 4}", low, low + 4, 199, bleu) for low in (1, 6)]
    _write_scores(folder, scores)
    columns = ["variant", "seed", "split", "bucket", "low", "high", "sentences", "bleu"]
    pd.DataFrame(lengths, columns=columns).to_csv(folder / "tables/bleu_by_length.csv", index=False)
    _write_curves(folder, TRANSLATORS, rng)
    _write_provenance(folder, list(TRANSLATORS))
    _write_predictions(predictions, rng)


def _write_answers(folder: Path, rng: np.random.Generator) -> None:
    """Without predictions: the page says how to get them."""
    scores: list[tuple[Any, ...]] = []
    groups = []
    systems = [(name, "model", seed, level) for name, level in ANSWERERS.items() for seed in range(3)]
    for name, role, seed, level in [*systems, ("most_frequent_by_group", "baseline", -1, 0.35)]:
        reached = {kind: level + easy + rng.normal(0, 0.01) for kind, easy in KINDS.items()}
        mean = sum(reached.values()) / len(reached)
        scores.append((name, role, seed, "test", "exact_match", mean, "share of texts"))
        if role == "model":
            scores.append((name, role, seed, "test", "exact_match_greedy", mean - 0.01, "share of texts"))
        groups += [(name, seed, "test", kind, 331, value) for kind, value in reached.items()]
    _write_scores(folder, scores)
    columns = ["variant", "seed", "split", "group", "rows", "value"]
    pd.DataFrame(groups, columns=columns).to_csv(folder / "tables/by_group.csv", index=False)
    _write_curves(folder, ANSWERERS, rng)
    _write_provenance(folder, list(ANSWERERS))
    path = folder / "provenance.json"
    (record,) = read_json(path)
    write_json(path, [record | {"reader": "questions"}])


def _write_ledger(results: Path) -> None:
    """What the real judges say of these results, of two experiments that the page doesn't know, and of
    checks of which one fails."""
    write_json(results / "datasets/made_up.json", [{"splits": {"test": {"rows": 24989}}}])
    rng = np.random.default_rng(5)
    _write_recall(results / "recall", HALF_LIVES, rng)
    _write_recall(results / "gates", HELD, rng)
    noisy = [
        (name, "model", seed, "test", "mae", 1.5 + 0.4 * seed, None)
        for name in ("regression", "ordinal", "classes")
        for seed in range(3)
    ]
    noisy += [(name, "baseline", -1, "test", "mae", 2.0, None) for name in ("mean", "ridge")]
    _write_scores(results / "stars", noisy)
    _write_provenance(results / "stars", ["regression", "ordinal", "classes"])
    checks = [
        ("intro-recurrent-layer", "weights from 5 inputs to 3 units", "(5, 3)", "(5, 3)", True),
        ("beam-width", "a beam of one is greedy search", "the same", "the same", True),
        ("bleu-formula", f"the notes' score of {EVIL}", "2.718", "at most 1", False),
    ]
    folder = results / "probes/identities"
    folder.mkdir(parents=True)
    columns = ["claim", "check", "found", "expected", "passed"]
    pd.DataFrame(checks, columns=columns).to_csv(folder / "checks.csv", index=False)
    write_json(results / "claims.json", judge_all(results, [*TASKS, "recall", "stars", "gates"]))


def _write_recall(folder: Path, half_lives: dict[str, int], rng: np.random.Generator) -> None:
    scores: list[tuple[Any, ...]] = [("chance", "baseline", -1, "test", "accuracy", 0.1, None)]
    distances = []
    for name, half in half_lives.items():
        for seed in range(3):
            kept = half * rng.uniform(0.9, 1.1)
            scores.append((name, "model", seed, "test", "accuracy", 0.5, None))
            for far in (1, 3, 10, 30, 100, 300):
                distances.append((name, seed, "test", far, far, 997, 0.1 + 0.9 / (1 + far / kept)))
    _write_scores(folder, scores)
    columns = ["variant", "seed", "split", "low", "high", "asked", "value"]
    pd.DataFrame(distances, columns=columns).to_csv(folder / "tables/by_distance.csv", index=False)
    _write_provenance(folder, list(half_lives))


def _write_probes(results: Path, params: Params) -> None:
    """What two probes saw of one sentence each; of two seeds, of which the page draws the first."""
    rng = np.random.default_rng(13)
    gates, answers, nodes = [], [], []
    for seed in (0, 1):
        for variant, quantities in GATES.items():
            for quantity in quantities:
                for step, word in enumerate(READ.split(), 1):
                    ends = np.sort(rng.random(5) if quantity.endswith("gate") else rng.uniform(-1, 1, 5))
                    gates.append((variant, seed, 1, step, word, quantity, *ends))
            for step, word in enumerate(READ.split(), 1):
                answers.append(
                    (variant, seed, step, word, "negative" if step < 5 else "positive", 0.5 + step / 20)
                )
        for variant in ("none", "luong"):
            nodes += [(variant, seed, *node) for node in SEARCHED[: 9 if variant == "none" else None]]
    for kind, experiment, settings in params.probes.each():
        folder = results / "probes" / kind / experiment
        folder.mkdir(parents=True)
        write_json(folder / "provenance.json", [{"settings": settings.model_dump(), "minutes": 0.1}])
    for name, rows, columns in (
        ("gates/filler/gates", gates, stepped.GATES),
        ("gates/filler/answers", answers, stepped.ANSWERS),
        ("beam/translation/tree", nodes, stepped.TREE),
    ):
        pd.DataFrame(rows, columns=columns).to_csv(results / "probes" / f"{name}.csv", index=False)


def _write_predictions(folder: Path, rng: np.random.Generator) -> None:
    rows, alignments, shown = [], [], []
    for row in range(101):
        words = [str(word) for word in rng.choice(list(LEXICON), size=3 + row % 17)]
        words[0] = EVIL if row % 5 == 0 else words[0]
        output = [LEXICON.get(word, word) for word in words]
        for system, seed in [*((variant, 0) for variant in TRANSLATORS), ("word_table", -1)]:
            hypothesis = output if system != "none" else output[: len(output) // 2]
            common = {"variant": system, "seed": seed, "split": "test", "row": row}
            source, target = " ".join(words), " ".join(hypothesis)
            texts = {"source": source, "hypothesis": target, "references": [" ".join(output), target]}
            searched = {"score": -0.4, "n_best": [target]} if system in TRANSLATORS else {}
            rows.append(common | texts | searched)
            if system in ("bahdanau", "luong"):
                alignments.append(common | _attention(words, output, rng))
    rng = np.random.default_rng(11)
    for row, (source, split) in enumerate(SHOWN.items()):
        words = source.split()
        output = [LEXICON[word] for word in words]
        texts = {"source": source, "references": [] if split == "none" else [" ".join(output)]}
        for system in [*TRANSLATORS, "word_table"]:
            common = {
                "variant": system,
                "seed": 0 if system in TRANSLATORS else -1,
                "split": split,
                "row": row,
            }
            attention = _attention(words, output, rng) if system in ("bahdanau", "luong") else {}
            shown.append(common | texts | {"hypothesis": f"{system}: {' '.join(output)}"} | attention)
    folder.mkdir(parents=True)
    pd.DataFrame(rows).to_parquet(folder / "predictions.parquet")
    pd.DataFrame(alignments).to_parquet(folder / "alignments.parquet")
    pd.DataFrame(shown).to_parquet(folder / "shown.parquet")


def _attention(words: list[str], output: list[str], rng: np.random.Generator) -> dict[str, Any]:
    weights = rng.random((len(output), len(words))) + 9 * np.eye(len(words))
    weights /= weights.sum(axis=1, keepdims=True)
    tokens = {"source_tokens": words, "target_tokens": output}
    return tokens | {"weights": weights.astype(np.float32).ravel().tolist()}


def _write_tagging(
    folder: Path, predictions: Path, levels: dict[str, float], rng: np.random.Generator, *, scheme: str
) -> None:
    scores: list[tuple[Any, ...]] = []
    by_tag, confusion = [], []
    support = TAGS if scheme == "plain" else ENTITIES
    metrics = {"accuracy": 0.0, "accuracy_unknown": -0.19, "f1": -0.04}
    if scheme == "bio":
        metrics = {"entity_f1": 0.0, "entity_precision": 0.05, "entity_recall": -0.05, "accuracy": 0.3}
    baselines = {"most_frequent_tag": min(levels.values()) - 0.1, "window_mlp": min(levels.values()) - 0.02}
    systems = [(name, "model", seed, level) for name, level in levels.items() for seed in range(3)]
    for name, role, seed, level in [
        *systems,
        *((name, "baseline", -1, level) for name, level in baselines.items()),
    ]:
        reached = level + (role == "model") * rng.normal(0, 0.002)
        for metric, shift in metrics.items():
            scores.append((name, role, seed, "test", metric, min(reached + shift, 0.99), "seqeval 1.2.2"))
        for place, (tag, count) in enumerate(support.items()):
            f1 = reached - 0.02 * place + rng.normal(0, 0.02) if place else 0.99 * reached
            by_tag.append((name, seed, "test", tag, f1, f1, f1, count))
        by_tag.append((name, seed, "test", "LOST", 0.0, 0.0, 0.0, 0))
        confusion += [(name, seed, "test", *cell) for cell in _confused(list(support), support, reached)]
    _write_scores(folder, scores)
    columns = ["variant", "seed", "split", "tag", "precision", "recall", "f1", "support"]
    pd.DataFrame(by_tag, columns=columns).to_csv(folder / "tables/by_tag.csv", index=False)
    columns = ["variant", "seed", "split", "actual", "predicted", "count"]
    pd.DataFrame(confusion, columns=columns).to_csv(folder / "tables/confusion.csv", index=False)
    _write_curves(folder, levels, rng)
    _write_provenance(folder, list(levels))
    _write_tagged_sentences(predictions, [*levels, *baselines], rng, scheme=scheme)


def _confused(tags: list[str], support: dict[str, int], level: float) -> Iterator[tuple[str, str, int]]:
    """Every pair of tags; most mistakes fall on one other tag."""
    for actual in tags:
        right = round(support[actual] * level)
        usual = CONFUSED.get(actual, tags[0] if actual != tags[0] else tags[1])
        usual = usual if usual in tags else tags[0]
        for predicted in tags:
            wrong = support[actual] - right if predicted == usual else 0
            yield actual, predicted, right if predicted == actual else wrong


def _write_tagged_sentences(
    folder: Path, systems: list[str], rng: np.random.Generator, *, scheme: str
) -> None:
    rows = []
    for row in range(101):
        words = [str(word) for word in rng.choice(list(TAGGED), size=1 + row % 53)]
        tags = [TAGGED[word] for word in words]
        if scheme == "bio":
            tags = [{"Ann": "B-PER", "Geneva": "B-LOC"}.get(word, "O") for word in words]
        words[-1] = EVIL if row % 5 == 0 else words[-1]
        for system in systems:
            for seed in range(3) if system in TAGGERS | FINDERS else [-1]:
                found = [tag if rng.random() < 0.9 else str(rng.choice(tags)) for tag in tags]
                common = {"variant": system, "seed": seed, "split": "test", "row": row}
                rows.append(common | {"tokens": words, "tags": tags, "predicted": found})
    folder.mkdir(parents=True)
    pd.DataFrame(rows).to_parquet(folder / "predictions.parquet")
