"""Tiny prepared datasets, and runs of them in a store of their own."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.classification import ClassifierModel, TextData
from pipeline.config.schema.corpora import TextCorpus
from pipeline.config.schema.datasets import LabelledText, RunningText, TaggedText, TextPairs
from pipeline.config.schema.experiment import Batches, Optimisation, Training
from pipeline.config.schema.language_modelling import LanguageModel
from pipeline.config.schema.params import Trainer
from pipeline.config.schema.tagging import TaggerModel
from pipeline.config.schema.translation import TranslatorModel, TranslatorTraining
from pipeline.corpora.embedded import text
from pipeline.data.prepare import prepare
from pipeline.data.store import PreparedDataset
from pipeline.files import read_json, sha256_of_json
from pipeline.tasks.base import Task
from pipeline.training import store
from pipeline.training.fit import fit
from pipeline.training.recording import read_curves
from pipeline.training.spec import RunSpec
from pipeline.training.tasks import TASK_MODULES

SIZES = {"train": 101, "validation": 23, "test": 13}
WORDS = {"vocabulary": 50, "minimum_frequency": 1}
TOKENIZER = {"kind": "word", "vocabulary": 50, "minimum_frequency": 1}
TOKENS = {"classification": 32, "translation": 20, "tagging": 24, "language_modelling": 160}
WINDOWS = {"language_modelling": 20}
DATASETS = {"classification": "reviews", "translation": "pairs", "tagging": "tags"}
DATASETS["language_modelling"] = "lines"
LINES = TextCorpus.model_validate(
    {"reader": "text", "sizes": {"train": 900, "validation": 50, "test": 200}, "distance": 2}
)


def _texts(rng: Any, count: int, words: int, longest: int) -> list[list[str]]:
    return [[f"w{i}" for i in rng.integers(0, words, rng.integers(1, longest))] for _ in range(count)]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of `reviews` (the word `good` or `bad` decides), `pairs` (the source turned round), `tags` (of a
    word, the last letter of the next word), and `lines`, the generated running text.
    """
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(7)
    for name in DATASETS.values():
        (folder / "raw" / name).mkdir(parents=True)
    for split, count in SIZES.items():
        labels = rng.integers(0, 2, count)
        texts = _texts(rng, count, words=17, longest=13)
        for words, label in zip(texts, labels, strict=True):
            words.insert(int(rng.integers(0, len(words) + 1)), ["bad", "good"][label])
        rows: dict[str, Any] = {"text": [" ".join(words) for words in texts], "label": labels}
        pq.write_table(pa.table(rows), folder / "raw" / "reviews" / f"{split}.parquet")
        sources = _texts(rng, count, words=5, longest=7)
        rows = {
            "en": [" ".join(words) for words in sources],
            "fr": [" ".join(words[::-1]) for words in sources],
        }
        pq.write_table(pa.table(rows), folder / "raw" / "pairs" / f"{split}.parquet")
        sentences = _texts(rng, count, words=7, longest=9)
        upos = [[word[-1] for word in [*words[1:], "w9"]] for words in sentences]
        pq.write_table(
            pa.table({"tokens": sentences, "upos": upos}), folder / "raw" / "tags" / f"{split}.parquet"
        )
    for split, table in text.generate(LINES).items():
        pq.write_table(table, folder / "raw" / "lines" / f"{split}.parquet")
    reviews = {
        "kind": "labelled_text",
        "corpus": "reviews",
        "classes": ["bad", "good"],
        "tokenizer": TOKENIZER,
    }
    pairs = {"kind": "text_pairs", "corpus": "pairs", "source": "en", "target": "fr", "tokenizer": TOKENIZER}
    tags = {"kind": "tagged_text", "corpus": "tags", "tags": "upos", "words": WORDS}
    lines = {"kind": "running_text", "corpus": "lines", "tokenizer": TOKENIZER}
    prepare(RunningText.model_validate(lines), folder / "raw" / "lines", folder / "lines")
    prepare(TaggedText.model_validate(tags), folder / "raw" / "tags", folder / "tags")
    prepare(LabelledText.model_validate(reviews), folder / "raw" / "reviews", folder / "reviews")
    prepare(TextPairs.model_validate(pairs), folder / "raw" / "pairs", folder / "pairs")
    return folder


@pytest.fixture(scope="module", autouse=True)
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The run store of this module's tests."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("unrolled") / "runs"
        patch.setattr(store, "RUNS", folder)
        yield folder


MODELS: dict[str, dict[str, Any]] = {
    "classification": ClassifierModel(
        embedding=5, hidden=7, layers=2, bidirectional=True, pooling="max", dropout=0.3, word_dropout=0.1
    ).model_dump(),
    "translation": TranslatorModel(embedding=6, hidden=10, dropout=0.3, tied_embeddings=True).model_dump(),
    "tagging": TaggerModel(
        embedding=5, characters=4, hidden=7, layers=2, crf=True, dropout=0.3, word_dropout=0.1
    ).model_dump(),
    "language_modelling": LanguageModel(
        embedding=32, hidden=32, dropout=0.1, recurrent_dropout="sequence", recurrent_dropout_share=0.1
    ).model_dump(),
}
TRAININGS: dict[str, dict[str, Any]] = {
    "classification": Training(epochs=4, learning_rate=0.02, label_smoothing=0.1).model_dump(),
    "translation": TranslatorTraining(epochs=4, learning_rate=0.02, label_smoothing=0.1).model_dump(),
    "tagging": Training(epochs=4, learning_rate=0.02).model_dump(),
    "language_modelling": Optimisation(epochs=4, learning_rate=0.02).model_dump(),
}


class Killed(Exception):
    pass


class Lab:
    """Makes specifications of runs, and looks at what the runs left."""

    lines = LINES

    def __init__(self, prepared: Path) -> None:
        self.prepared = prepared

    def spec(
        self,
        task: str,
        *,
        seed: int = 3,
        twin: str = "",
        model: dict[str, Any] | None = None,
        training: dict[str, Any] | None = None,
        trainer: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        module: str | None = None,
    ) -> RunSpec:
        """A run with dropout on few rows, 30 steps an epoch; `twin` tells runs of equal parameters apart,
        `module` trains it where the task's own doesn't."""
        dataset = PreparedDataset.open(self.prepared / DATASETS[task])
        block = TextData if task == "classification" else Batches
        parameters = {
            "task": task,
            "dataset": DATASETS[task],
            "model": MODELS[task] | (model or {}),
            "data": block(batch_tokens=TOKENS[task], max_tokens=WINDOWS.get(task, 40)).model_dump()
            | (data or {}),
            "training": TRAININGS[task] | (training or {}),
            "trainer": Trainer(accelerator="cpu").model_dump() | (trainer or {}),
        }
        return RunSpec(
            signature=sha256_of_json([parameters, seed, twin])[:32],
            profile="test",
            experiment=task,
            variant=twin or "base",
            seed=seed,
            task_module=module or TASK_MODULES[task],
            parameters=parameters,
            dataset_folder=str(dataset.folder),
            dataset_digest=dataset.digest,
            code_digest="0",
        )

    def run(self, spec: RunSpec) -> dict[str, Any]:
        """run.json of a finished run."""
        content = read_json(store.folder_of(spec) / "run.json")
        assert isinstance(content, dict)
        return content

    def results(self, spec: RunSpec) -> dict[str, Any]:
        """What a run must leave, byte for byte, however often it was interrupted."""
        folder = store.folder_of(spec)
        run = {key: value for key, value in self.run(spec).items() if key != "signature"}
        weights = (folder / "bundle" / "weights.safetensors").read_bytes()
        return {"weights": weights, "curves": (folder / "curves.csv").read_bytes(), "run": run}

    def kill(
        self, spec: RunSpec, *, epoch: int, batch: int, look: Callable[[Any], None] = lambda task: None
    ) -> None:
        """Trains as far as a batch, where the run dies; `look` sees the task before."""
        step = Task.training_step

        def dying(task: Task, given: Any, batch_idx: int) -> Any:
            if (task.current_epoch, batch_idx) == (epoch, batch):
                look(task)
                raise Killed
            return step(task, given, batch_idx)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Task, "training_step", dying)
            with pytest.raises(Killed):
                fit(store.enter(spec))

    def points(self, spec: RunSpec, metric: str) -> list[dict[str, Any]]:
        """A curve as far as it is written."""
        return [
            point
            for point in read_curves(store.folder_of(spec) / "curves.jsonl")
            if point["metric"] == metric
        ]

    def wait_for(self, condition: Callable[[], bool], seconds: float = 250.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.002)

    def wait_for_end(self, processes: list[psutil.Process], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while alive := [process for process in processes if _lives(process)]:
            assert time.monotonic() < deadline, f"orphans: {alive}"
            time.sleep(0.02)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="session")
def lab(prepared: Path) -> Lab:
    return Lab(prepared)
