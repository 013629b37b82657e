"""A project whose stages before register have run: tiny bundles, made-up scores, made-up sentences."""

import itertools
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from pipeline.build import (
    captioner,
    classifier,
    forecaster,
    imputer,
    language_model,
    rater,
    recaller,
    tagger,
    transcriber,
    translator,
)
from pipeline.bundle.save import save
from pipeline.claims.ledger import judge_all
from pipeline.config import parse, variants
from pipeline.config.schema.params import Params
from pipeline.files import sha256_of_json, write_json
from pipeline.images import png
from pipeline.text.tokenizer import Tokenizer
from pipeline.text.words import train_characters, train_words
from pipeline.tracking import store
from pipeline.tracking.register import register

SMOKE = Path(__file__).parents[2] / "params/smoke.yaml"
SENTENCES = [
    "a good film to see",
    "a bad film to miss",
    "the end is good",
    "the end is bad",
    "good , bad , good",
]
STEPS, EPOCHS = 7, 3
METRICS = {"reviews_words": "accuracy", "translation_en_fr": "bleu", "tags_pos": "accuracy"}
METRICS |= {"tags_entities": "entity_f1", "translation_en_hi": "bleu", "reviews_filler": "accuracy"}
METRICS |= {"series_univariate": "mse", "series_multivariate": "mse", "questions_words": "exact_match"}
METRICS |= {"text_words": "perplexity"}
BASELINES = {"classification": "majority", "translation": "word_table", "forecasting": "ridge"}
METRICS |= {"recall_steps": "accuracy"}
BASELINES |= {"transduction": "nearest", "algorithmic": "chance"}
METRICS |= {"reviews_stars": "mae"}
BASELINES |= {"rating": "ridge"}
METRICS |= {"reviews_long": "accuracy", "replies_words": "bleu", "summaries_words": "rouge_l"}
LEVELS = [1, 2, 7]
METRICS |= {"scenes_captions": "cider"}
BASELINES |= {"captioning": "nearest_picture"}
METRICS |= {"tones_words": "wer"}
BASELINES |= {"transcription": "templates", "imputation": "interpolation_24"}
CHANNELS, HORIZONS = {"series_univariate": ["OT"], "series_multivariate": ["HUFL", "OT"]}, [2, 5]
TAGS = {"tags_pos": ["N", "X"], "tags_entities": ["B-PER", "O"]}
SCORES = ["variant", "role", "seed", "split", "metric", "value", "signature"]


class Project:
    """Writes what train and evaluate would."""

    def __init__(self, root: Path) -> None:
        self.root = root
        raw = yaml.safe_load(SMOKE.read_text(encoding="utf-8"))
        for experiment in raw["experiments"].values():
            experiment["seeds"] = 2
        self.params: Params = parse(raw)
        self.lines: list[str] = []

    def write(self, name: str, bonus: float = 0.0, time: str = "2026-05-04T03:02:01+00:00") -> None:
        """One experiment; `bonus` is added to every score, which also makes other weights."""
        experiment = self.params.experiments[name]
        chosen = variants(self.params, name)
        metric = METRICS[experiment.dataset]
        scores, signatures = [], {}
        for i, (variant, seed) in enumerate(itertools.product(chosen, range(experiment.seeds))):
            value = 0.5 + 0.01 * i + bonus
            signature = sha256_of_json([name, variant, seed, bonus])[:32]
            signatures[f"{variant}/{seed}"] = signature
            self._run(name, variant, seed, chosen[variant].model_dump(), signature, value)
            scores.append([variant, "model", seed, "test", metric, value, ""])
        if experiment.task in BASELINES:
            scores.append([BASELINES[experiment.task], "baseline", -1, "test", metric, 0.5, ""])
        self._results(name, pd.DataFrame(scores, columns=SCORES), signatures, time)

    def only(self, name: str) -> None:
        """As if the parameter file had one experiment: registering all takes most of a minute."""
        experiments = {name: self.params.experiments[name]}
        self.params = self.params.model_copy(update={"experiments": experiments})

    def judge(self) -> None:
        """What the judges say of the scores that are there now."""
        results = self.root / "results" / self.params.profile
        write_json(results / "corpora/made_up.json", [{"source": "generated"}])
        for name in self.params.datasets:
            write_json(results / f"datasets/{name}.json", [{"splits": {"test": {"rows": 997}}}])
        write_json(results / "claims.json", judge_all(results, list(self.params.experiments)))

    def _run(
        self, name: str, variant: str, seed: int, parameters: dict[str, Any], signature: str, score: float
    ) -> None:
        folder = self.root / "models" / self.params.profile / name / variant / str(seed)
        shutil.rmtree(folder, ignore_errors=True)
        bundle(folder / "bundle", parameters, seed=seed, signature=signature, score=score)
        kept = {key: parameters[key] for key in ("task", "dataset", "model", "data", "training")}
        run = {
            "signature": signature,
            "parameters": kept | {"trainer": self.params.trainer.model_dump()},
            "seed": seed,
            "dataset_digest": "d" * 64,
            "code_digest": "c" * 64,
            "best_epoch": EPOCHS,
            "best_score": score,
            "score_name": METRICS[parameters["dataset"]],
            "parameters_count": 1009,
            "epochs": EPOCHS,
            "steps": STEPS * EPOCHS,
        }
        write_json(folder / "run.json", run)
        write_json(
            folder / "timing.json", {"minutes": 1.5, "tokens_per_second": 1201, "data_wait_share": 0.01}
        )
        lines = [f"{p['step']},{p['epoch']},{p['metric']},{p['value']!r}" for p in curve(seed)]
        (folder / "curves.csv").write_text("\n".join(["step,epoch,metric,value", *lines]) + "\n")

    def _results(self, name: str, scores: pd.DataFrame, signatures: dict[str, str], time: str) -> None:
        profile, experiment = self.params.profile, self.params.experiments[name]
        folder = self.root / "results" / profile / name
        folder.mkdir(parents=True, exist_ok=True)
        scores.to_csv(folder / "scores.csv", index=False)
        groups = scores.groupby(["variant", "role", "split", "metric"], sort=False)["value"]
        summary = groups.agg(["mean", "min", "max", "size"]).reset_index()
        summary.columns = ["variant", "role", "split", "metric", "mean", "low", "high", "seeds"]
        summary.loc[summary["seeds"] == 1, ["low", "high"]] = None
        summary.to_csv(folder / "summary.csv", index=False)
        facts = {
            "experiment": name,
            "question": experiment.question,
            "task": experiment.task,
            "dataset": experiment.dataset,
            "corpus": "made_up",
            "reader": "reviews",
            "variants": {key: value.model_dump() for key, value in variants(self.params, name).items()},
            "seeds": experiment.seeds,
            "signatures": signatures,
            "commit": "0123456789abcdef0123456789abcdef01234567",
            "dirty": False,
            "code_digest": "c" * 64,
            "parameters_digest": "e" * 64,
            "dataset_digest": "d" * 64,
            "machine": {"cpu": "toy", "cores": 2},
            "minutes": {"train": 3.0, "evaluate": 0.5, "per_run": dict.fromkeys(signatures, 1.5)},
            "time": time,
        }
        write_json(folder / "provenance.json", [facts])
        self._predictions(name, list(signatures))

    def _predictions(self, name: str, runs: list[str]) -> None:
        profile, experiment = self.params.profile, self.params.experiments[name]
        folder = self.root / "predictions" / profile / name
        folder.mkdir(parents=True, exist_ok=True)
        keys = [(*run.split("/"), row) for run in runs for row in range(len(SENTENCES))]
        common = [{"variant": v, "seed": int(s), "split": "test", "row": row} for v, s, row in keys]
        if experiment.task == "classification":
            self._texts(experiment.dataset, {"label": 0})
            probabilities = [np.float32([0.3 + 0.1 * c["row"], 0.7 - 0.1 * c["row"]]) for c in common]
            rows = [c | {"label": 0, "probabilities": p} for c, p in zip(common, probabilities, strict=True)]
        elif experiment.task == "tagging":
            rows = [c | tagged(TAGS[experiment.dataset], c["row"]) for c in common]
            self._confusion(name, common, TAGS[experiment.dataset])
        elif experiment.task == "algorithmic":
            rows = [c | {"distance": 3, "target": 4.0, "answer": 5.0} for c in common]
        elif experiment.task == "forecasting":
            past, future = np.linspace(1, 0, 7), np.linspace(0, -0.5, HORIZONS[-1])
            series = {"past": past, "future": future, "forecast": 0.9 * future}
            channels = CHANNELS[experiment.dataset]
            rows = [c | series | {"channel": channel} for c in common for channel in channels]
        elif experiment.task == "imputation":
            series = {"place": 3, "values": np.linspace(1, 0, 9), "actual": [0.6, 0.5], "answers": [0.7, 0.4]}
            rows = [c | series | {"channel": "OT"} for c in common]
        elif experiment.task == "rating":
            self._texts(experiment.dataset, {"rating": 2, "label": 1})
            self._confusion(name, common, [str(level) for level in LEVELS])
            rows = [c | {"rating": 2, "stars": 1.5 + c["row"]} for c in common]
        elif experiment.task == "language_modelling":
            tokens = [[*SENTENCES[c["row"]].split(), "</s>"] for c in common]
            rows = [
                c | {"tokens": words, "log_probabilities": np.full(len(words), -1.5, dtype=np.float32)}
                for c, words in zip(common, tokens, strict=True)
            ]
            halves = {"prompt": "a good", "rest": "film to see", "likeliest": "film", "drawn": "end"}
            pd.DataFrame([c | halves for c in common]).to_parquet(folder / "continuations.parquet")
        elif experiment.task == "captioning":
            rows = [c | {"hypothesis": "a red disc .", "references": ["a red ball ."]} for c in common]
            rows = [c | {"score": -0.5, "n_best": ["a red disc ."]} for c in rows]
            picture = png(np.full((24, 24, 3), 40, dtype=np.uint8))
            pd.DataFrame([c | {"picture": picture} for c in common]).to_parquet(folder / "pictures.parquet")
            look = {"tokens": ["a", "red", "disc", "."], "rows": 2, "columns": 3}
            look |= {"weights": np.full(24, 1 / 6, dtype=np.float32)}
            looks = [c | look for c in common if c["variant"] == "luong"]
            pd.DataFrame(looks).to_parquet(folder / "looks.parquet")
        elif experiment.task == "transcription":
            said = {"hypothesis": "two four", "references": ["two three four"], "speaker": "dimo"}
            rows = [c | said | {"digits": 3, "score": -0.5, "n_best": ["two four"]} for c in common]
            picture = png(np.full((24, 90, 3), 40, dtype=np.uint8))
            pd.DataFrame([c | {"picture": picture} for c in common]).to_parquet(folder / "pictures.parquet")
            look = {"tokens": ["two", "four"], "rows": 1, "columns": 5}
            look |= {"weights": np.full(10, 1 / 5, dtype=np.float32)}
            looks = [c | look for c in common if c["variant"] == "luong"]
            pd.DataFrame(looks).to_parquet(folder / "looks.parquet")
        else:
            pair = [
                {"source": SENTENCES[c["row"]], "hypothesis": "un bon film", "score": -0.5} for c in common
            ]
            lists = {"references": ["un film"], "n_best": ["un bon film"]}
            rows = [c | p | lists for c, p in zip(common, pair, strict=True)]
            # A baseline has neither score nor rivals.
            texts = {"source": "a film", "hypothesis": "un film", "references": ["un film"]}
            rows += [{"variant": BASELINES[experiment.task], "seed": -1, "split": "test", "row": 0} | texts]
            target = ["▁un", "▁bon", "▁फ़िल्म"]
            alignments = []
            for c in common:
                source = [f"▁{word}" for word in SENTENCES[c["row"]].split()]
                weights = np.full(len(target) * len(source), 1 / len(source), dtype=np.float32)
                alignments.append(c | {"source_tokens": source, "target_tokens": target, "weights": weights})
            pd.DataFrame(alignments).to_parquet(folder / "alignments.parquet")
        pd.DataFrame(rows).to_parquet(folder / "predictions.parquet")

    def _texts(self, dataset: str, rest: dict[str, int]) -> None:
        folder = self.root / "data/prepared" / self.params.profile / dataset / "test"
        folder.mkdir(parents=True, exist_ok=True)
        pd.DataFrame({"text": SENTENCES, **rest}).to_parquet(folder / "rows.parquet")

    def _confusion(self, name: str, runs: list[dict[str, Any]], tags: list[str]) -> None:
        tables = self.root / "results" / self.params.profile / name / "tables"
        tables.mkdir(exist_ok=True)
        cells = [c | {"actual": tags[-1], "predicted": tag, "count": 7} for c in runs for tag in tags]
        pd.DataFrame(cells).drop(columns="row").to_csv(tables / "confusion.csv", index=False)


def tagged(tags: list[str], row: int) -> dict[str, list[str]]:
    """A sentence whose every word has the last of the tags; of the third one the first word is wrong."""
    words = SENTENCES[row].split()
    gold = tags[-1:] * len(words)
    return {"tokens": words, "tags": gold, "predicted": [tags[0], *gold[1:]] if row == 2 else gold}


def curve(seed: int) -> list[dict[str, Any]]:
    """Points of a training's curves, as its process writes them."""
    points = []
    for step in range(STEPS, STEPS * EPOCHS + 1, STEPS):
        values = {"train_loss": 1 / step, "learning_rate": 0.1, "validation_score": 0.1 * seed + step / 1000}
        for metric, value in values.items():
            points.append({"step": step, "epoch": step / STEPS, "metric": metric, "value": value})
    return points


def bundle(folder: Path, parameters: dict[str, Any], *, seed: int, signature: str, score: float) -> None:
    """A real bundle with untrained weights."""
    torch.manual_seed(round(1e6 * score) + seed)
    kept = {"kind": "word", "vocabulary": 100, "minimum_frequency": 1, "lowercase": True}
    tokenizer = Tokenizer.train(SENTENCES, **kept)
    size = tokenizer.size
    common = {"dataset": parameters["dataset"], "model": parameters["model"], "data": parameters["data"]}
    facts: dict[str, Any] = {"task": parameters["task"], **common, "seed": seed, "signature": signature}
    facts |= {"lowercase": True, "score": {"name": "score", "value": score}}
    if parameters["task"] == "classification":
        facts |= {"architecture": "classifier", "classes": ["negative", "positive"]}
        facts |= {"vocabulary": {"text": size}}
        save(folder, classifier.build(parameters["model"], facts), {"text": tokenizer}, facts)
    elif parameters["task"] == "tagging":
        words = [word for sentence in SENTENCES for word in sentence.split()]
        sizes = {"vocabulary": 100, "minimum_frequency": 1, "lowercase": True}
        read = {"words": train_words(words, **sizes), "characters": train_characters(words)}
        tags, scheme = TAGS[parameters["dataset"]], "bio" if "entities" in parameters["dataset"] else "plain"
        facts |= {"architecture": "tagger", "tags": tags, "scheme": scheme}
        facts |= {"vocabulary": {name: each.size for name, each in read.items()}}
        save(folder, tagger.build(parameters["model"], facts), read, facts)
    elif parameters["task"] == "transcription":
        facts |= {"architecture": "transcriber", "vocabulary": {"transcript": size}, "mels": 8, "stack": 3}
        facts |= {"features": 24, "mean": [-5.0] * 8, "scale": [2.0] * 8}
        save(folder, transcriber.build(parameters["model"], facts), {"transcript": tokenizer}, facts)
    elif parameters["task"] == "rating":
        facts |= {"architecture": "rater", "levels": LEVELS, "vocabulary": {"text": size}}
        save(folder, rater.build(parameters["model"], facts), {"text": tokenizer}, facts)
    elif parameters["task"] == "forecasting":
        facts |= {"architecture": "forecaster", "horizons": HORIZONS, "vocabulary": {}}
        channels = CHANNELS[parameters["dataset"]]
        facts |= {"channels": channels, "mean": [17.0] * len(channels), "scale": [8.5] * len(channels)}
        save(folder, forecaster.build(parameters["model"], facts), {}, facts)
    elif parameters["task"] == "imputation":
        facts |= {"architecture": "imputer", "channels": ["OT"], "mean": [17.0], "scale": [8.5]}
        facts |= {"vocabulary": {}}
        save(folder, imputer.build(parameters["model"], facts), {}, facts)
    elif parameters["task"] == "algorithmic":
        facts |= {"architecture": "recaller", "symbols": 12, "wanted": "symbols", "vocabulary": {}}
        save(folder, recaller.build(parameters["model"], facts), {}, facts)
    elif parameters["task"] == "language_modelling":
        facts |= {"architecture": "language_model", "vocabulary": {"text": size}}
        save(folder, language_model.build(parameters["model"], facts), {"text": tokenizer}, facts)
    elif parameters["task"] == "captioning":
        facts |= {"architecture": "captioner", "vocabulary": {"caption": size}, "side": 24}
        save(folder, captioner.build(parameters["model"], facts), {"caption": tokenizer}, facts)
    else:
        facts |= {"architecture": "translator", "joint_vocabulary": True}
        facts |= {"vocabulary": {"source": size, "target": size}}
        network = translator.build(parameters["model"], facts)
        save(folder, network, {"source": tokenizer, "target": tokenizer}, facts)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything is registered once, by whichever test comes first: minutes on a busy machine."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(1200))


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of a project, and a store with MLflow's tables, which take seconds to make: to be copied."""
    root = tmp_path_factory.mktemp("written")
    project = Project(root)
    for name in project.params.experiments:
        project.write(name)
    project.judge()
    store.connect("sqlite:///mlflow.db", root)
    return root


@pytest.fixture(scope="session")
def registered(tmp_path_factory: pytest.TempPathFactory, written: Path) -> Project:
    """A registered project that tests read, and may register again; `lines` is what that said."""
    root = tmp_path_factory.mktemp("registered")
    shutil.copytree(written, root, dirs_exist_ok=True)
    project = Project(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DVC_EXP_NAME", raising=False)
        project.lines = list(register(project.params, root, root))
    return project


@pytest.fixture
def registered_copy(tmp_path: Path, registered: Project) -> Project:
    """A registered project of its own; the artifacts stay where they are."""
    shutil.copytree(
        registered.root, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("mlartifacts")
    )
    return Project(tmp_path)


@pytest.fixture
def project(tmp_path: Path, written: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of its own that has trained and evaluated, and registered nothing."""
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)  # the tests may run under `dvc exp run` themselves
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


@pytest.fixture(name="curve", scope="session")
def _curve() -> Any:
    return curve


@pytest.fixture(scope="session")
def smoke() -> Path:
    """The smallest parameter file."""
    return SMOKE
