"""Results on disk -> plain values: one `Study` per experiment of params.yaml, whether it was run or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.config.schema.corpora import DownloadedCorpus
from pipeline.config.schema.datasets import Dataset
from pipeline.config.schema.params import AnyExperiment, Params
from pipeline.errors import UserError
from pipeline.files import read_json
from pipeline.metrics.headline import headline

COMMON = {
    "summary": ["variant", "role", "split", "metric", "mean", "low", "high", "seeds"],
    "scores": ["variant", "role", "seed", "split", "metric", "value", "signature"],
    "curves": ["variant", "seed", "step", "epoch", "metric", "value"],
}
CONFUSION = ["variant", "seed", "split", "actual", "predicted", "count"]
TABLES = {
    "classification": COMMON
    | {
        "tables/confusion": CONFUSION,
        "tables/calibration": ["variant", "seed", "split", "bin", "confidence", "accuracy", "count"],
    },
    "translation": COMMON
    | {"tables/bleu_by_length": ["variant", "seed", "split", "bucket", "low", "high", "sentences", "bleu"]},
    "captioning": COMMON
    | {"tables/words": ["variant", "seed", "split", "word", "pictures", "recall", "precision"]},
    "forecasting": COMMON
    | {"tables/by_channel": ["variant", "seed", "split", "channel", "horizon", "mse", "mae"]},
    "imputation": COMMON | {"tables/by_hour": ["variant", "seed", "split", "hour", "mse"]},
    "algorithmic": COMMON
    | {"tables/by_distance": ["variant", "seed", "split", "low", "high", "asked", "value"]},
    "transduction": COMMON | {"tables/by_group": ["variant", "seed", "split", "group", "rows", "value"]},
    "rating": COMMON
    | {
        "tables/confusion": CONFUSION,
        "tables/by_level": ["variant", "seed", "split", "rating", "texts", "mean", "low", "high", "mae"],
    },
    "language_modelling": COMMON
    | {"tables/by_frequency": ["variant", "seed", "split", "bucket", "low", "tokens", "perplexity"]},
    "transcription": COMMON
    | {
        "tables/by_digits": ["variant", "seed", "split", "digits", "rows", "wer"],
        "tables/by_speaker": ["variant", "seed", "split", "speaker", "rows", "wer"],
    },
    "tagging": COMMON
    | {
        "tables/by_tag": ["variant", "seed", "split", "tag", "precision", "recall", "f1", "support"],
        "tables/confusion": CONFUSION,
    },
}
"""Files of an experiment, without ending, and their columns."""
BY_DATASET = {
    "classification": {"tables/by_filler": ["variant", "seed", "split", "filler", "texts", "accuracy"]}
}
"""As `TABLES`, files that an experiment has if its dataset is of a certain make."""
NAMES = ("variant", "role", "split", "metric", "signature", "bucket", "tag", "channel", "word", "group")
TEXT = dict.fromkeys((*NAMES, "speaker", "quantity", "answer", "fate"), "str")


@dataclass(frozen=True)
class Digests:
    """What results made now would carry; compared with what they do carry."""

    code: str
    parameters: str


@dataclass(frozen=True)
class Results:
    """One experiment's files: `tables` by file name without folder and ending."""

    tables: dict[str, pd.DataFrame]
    provenance: dict[str, Any]


@dataclass(frozen=True)
class Study:
    """An experiment of the parameter file and what is known of it; `results` is None until it was run."""

    name: str
    experiment: AnyExperiment
    dataset: Dataset
    embedded: bool
    results: Results | None
    marks: tuple[str, ...]
    """Why the results may not be what the present code and parameters would give."""

    @property
    def split(self) -> str:
        """The test split whose scores rank the variants."""
        return self.dataset.tests[0]

    @property
    def headline(self) -> str:
        """The metric that ranks the variants."""
        scored = set(self.results.tables["summary"]["metric"]) if self.results else set()
        return headline(self.experiment.task, scored)


@dataclass(frozen=True)
class Records:
    """One JSON record per corpus and per dataset of the parameter file, where the stage has run."""

    corpora: dict[str, dict[str, Any]]
    datasets: dict[str, dict[str, Any]]


def read_records(params: Params, results: Path) -> Records:
    """Provenance of corpora and statistics of datasets, in the parameter file's order."""
    return Records(
        corpora=_records(results / "corpora", list(params.corpora)),
        datasets=_records(results / "datasets", list(params.datasets)),
    )


def read_studies(
    params: Params, results: Path, records: Records, current: Mapping[str, Digests]
) -> list[Study]:
    """Every experiment of the parameter file, in its order; folders of deleted experiments are not read.

    Args:
        results: results/PROFILE.
        current: by experiment, the digests that a run made now would carry.

    Raises:
        UserError: a file that `evaluate` writes is missing, unreadable or has other columns.
    """
    studies = []
    for name, experiment in params.experiments.items():
        dataset = params.datasets[experiment.dataset]
        found = _read_results(results / name, name, experiment.task)
        record = records.datasets.get(experiment.dataset, {})
        studies.append(
            Study(
                name=name,
                experiment=experiment,
                dataset=dataset,
                embedded=is_embedded(params, dataset.corpus),
                results=found,
                marks=_marks(found.provenance, current[name], record) if found else (),
            )
        )
    return studies


def is_embedded(params: Params, corpus: str) -> bool:
    """Whether the corpus is generated by the project itself."""
    return not isinstance(params.corpora[corpus], DownloadedCorpus)


def _records(folder: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    paths = {name: folder / f"{name}.json" for name in names}
    return {name: read_json(path)[0] for name, path in paths.items() if path.exists()}


def _read_results(folder: Path, name: str, task: str) -> Results | None:
    if not (folder / "provenance.json").exists():
        return None
    paths = {folder / f"{table}.csv": columns for table, columns in TABLES[task].items()}
    more = {folder / f"{table}.csv": columns for table, columns in BY_DATASET.get(task, {}).items()}
    paths |= {path: columns for path, columns in more.items() if path.exists()}
    tables = {path.stem: read_table(path, columns, f"evaluate@{name}") for path, columns in paths.items()}
    return Results(tables, read_json(folder / "provenance.json")[0])


def read_table(path: Path, columns: list[str], stage: str) -> pd.DataFrame:
    """The columns of a table that `stage` writes.

    Raises:
        UserError: it is missing, unreadable or has other columns.
    """
    cure = f"run `dvc repro {stage}`"
    try:
        # A variant may be called "null": only an empty field is missing.
        frame = pd.read_csv(path, dtype=TEXT, keep_default_na=False, na_values=[""])
    except FileNotFoundError:
        raise UserError(f"{path}: missing although the experiment has results; {cure}") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a table ({str(error).strip()}); {cure}") from None
    if missing := [column for column in columns if column not in frame]:
        raise UserError(f"{path}: lacks {', '.join(missing)}; has {', '.join(map(str, frame))}; {cure}")
    return frame[columns]


def _marks(provenance: dict[str, Any], current: Digests, dataset: dict[str, Any]) -> tuple[str, ...]:
    checks = [
        ("older than the code", provenance["code_digest"] != current.code),
        ("other parameters", provenance["parameters_digest"] != current.parameters),
        ("other data", bool(dataset) and provenance["dataset_digest"] != dataset["digest"]),
        ("uncommitted changes", bool(provenance["dirty"])),
    ]
    return tuple(mark for mark, holds in checks if holds)
