"""What reading gains over counting: every network of an experiment beside a bag of words on the same tokens.

Of the first test split, where the networks' answers are those that evaluation wrote down:
  bags    accuracy of a bag of words for each cut of the texts (`data.max_tokens`, `data.keep`), and how many
          texts it was fitted on, chosen by and scored on.
  gains   accuracy of each network, less that of its cut's bag.
  power   of each variant: standard error of its mean gain over the texts, compared one by one, seeds averaged
          first; and the smallest gain that so many texts can show, see `smallest_gain`.
"""

import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from pipeline.code import code_digest
from pipeline.config.schema.params import Params
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.evaluation.provenance import run_names
from pipeline.evaluation.tables import Tables
from pipeline.files import read_json, write_json, write_text
from pipeline.machine import describe_machine
from pipeline.probes.counted_words import Bag, Cut, bag_of_words

Bools = npt.NDArray[np.bool_]
CONFIDENCE, POWER = 0.95, 0.8
DIGITS = "%.6g"


@dataclass(frozen=True)
class Places:
    """Folders of one experiment; `results` are the probe's."""

    models: Path
    predictions: Path
    dataset: Path
    results: Path

    @classmethod
    def of(cls, params: Params, experiment: str, root: Path = Path()) -> "Places":
        profile = params.profile
        return cls(
            models=root / "models" / profile / experiment,
            predictions=root / "predictions" / profile / experiment,
            dataset=root / "data/prepared" / profile / params.probes.bag[experiment].dataset,
            results=root / "results" / profile / "probes/bag" / experiment,
        )


def compare(params: Params, experiment: str, places: Places, *, tell: Callable[[str], None] = print) -> None:
    """Writes bags.csv, gains.csv and power.csv, and provenance.json last.

    Raises:
        UserError: models, predictions or the dataset are missing or don't belong together, or have too few
            texts.
    """
    start, dataset = time.monotonic(), PreparedDataset.open(places.dataset)
    cuts = {name: _cut(places.models / name, experiment) for name in run_names(params, experiment)}
    right = _answers(places.predictions, dataset, experiment, cuts)
    bags = {cut: bag_of_words(dataset, cut) for cut in sorted({*cuts.values()})}
    (places.results / "provenance.json").unlink(missing_ok=True)
    for table, frame in tables(cuts, right, bags).items():
        text = frame.to_csv(index=False, lineterminator="\n", float_format=DIGITS)
        write_text(places.results / f"{table}.csv", text)
    minutes = round((time.monotonic() - start) / 60, 3)
    facts = {
        "probe": "bag",
        "experiment": experiment,
        "settings": params.probes.bag[experiment].model_dump(),
        "dataset_digest": dataset.digest,
        "signatures": {name: read_json(places.models / name / "run.json")["signature"] for name in cuts},
        "code_digest": code_digest("pipeline.probes.bag"),
        "machine": describe_machine(),
        "minutes": minutes,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_json(places.results / "provenance.json", [facts])
    tell(f"probe bag@{experiment}: {len(bags)} bags of words beside {len(cuts)} networks")


def tables(cuts: Mapping[str, Cut], right: Mapping[str, Bools], bags: Mapping[Cut, Bag]) -> Tables:
    """The three tables.

    Args:
        cuts: by run, VARIANT/SEED.
        right: of each run, whether it answered each test text right, (N,).
    """
    gains, power = [], []
    for variant, names in groupby(cuts, lambda name: name.partition("/")[0]):
        runs = list(names)
        cut, own = cuts[runs[0]], np.stack([right[name] for name in runs])
        bag = bags[cut].right
        led = {"variant": variant, **cut._asdict()}
        for name, accuracy in zip(runs, own.mean(1), strict=True):
            found = {"accuracy": accuracy, "bag": bag.mean(), "gain": accuracy - bag.mean()}
            gains.append({"variant": variant, "seed": int(name.partition("/")[2])} | led | found)
        apart, disagreement = own.mean(0) - bag, float((own != bag).mean())
        power.append(
            led
            | {
                "gain": apart.mean(),
                "item_error": stats.sem(apart),
                "disagreement": disagreement,
                "smallest_gain": smallest_gain(disagreement, len(bag)),
            }
        )
    fitted = [
        cut._asdict()
        | {
            "accuracy": bag.right.mean(),
            "regularisation": bag.regularisation,
            "train": bag.train,
            "validation": bag.validation,
            "test": len(bag.right),
        }
        for cut, bag in bags.items()
    ]
    return {name: pd.DataFrame(rows) for name, rows in (("bags", fitted), ("gains", gains), ("power", power))}


def smallest_gain(disagreement: float, texts: int) -> float:
    """Difference of two accuracies that a test on paired answers finds four times in five, two-sided at .05.

    Solved for it: n = (a √ψ + b √(ψ - δ²))² / δ², δ the difference, ψ the share of texts that just one of the
    two gets right, a and b the normal quantiles of level and power (Connor 1987, Biometrics 43, 207-211).
    """
    a, b = stats.norm.ppf((1 + CONFIDENCE) / 2), stats.norm.ppf(POWER)
    root = math.sqrt(texts + b**2 - a**2)
    return float(math.sqrt(disagreement) * (a * math.sqrt(texts) + b * root) / (texts + b**2))


def _cut(run: Path, experiment: str) -> Cut:
    if not (run / "bundle/bundle.json").exists():
        raise UserError(f"{run}: no bundle; run `dvc repro train@{experiment}`")
    data: dict[str, Any] = read_json(run / "bundle/bundle.json")["description"]["data"]
    return Cut(data["max_tokens"], data["keep"])


def _answers(
    predictions: Path, dataset: PreparedDataset, experiment: str, names: Collection[str]
) -> dict[str, Bools]:
    """By run, of each text of the first test split, whether it was answered right."""
    path, split = predictions / "predictions.parquet", dataset.description["tests"][0]
    advice = f"run `dvc repro evaluate@{experiment}`"
    if not path.exists():
        raise UserError(f"{path}: no predictions; {advice}")
    columns = ["variant", "seed", "split", "label", "probabilities"]
    rows = pd.read_parquet(path, columns=columns)
    labels, found = dataset.split(split).labels, {}
    assert labels is not None
    for (variant, seed), own in rows[rows["split"] == split].groupby(["variant", "seed"], sort=False):
        if not np.array_equal(own["label"], labels):
            raise UserError(f"{path}: of other texts than {dataset.folder}; {advice}")
        chosen = np.stack(own["probabilities"].to_list()).argmax(1)
        found[f"{variant}/{seed}"] = chosen == labels
    if missing := [name for name in names if name not in found]:
        raise UserError(f"{path}: no answers of {', '.join(missing)}; {advice}")
    return found
