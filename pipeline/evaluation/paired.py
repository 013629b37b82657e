"""How far a difference of two systems hangs on the test items that happened to be drawn.

Systems are compared item by item, since a hard item is hard for all of them; seeds are averaged first. What
comes out is a standard error; pipeline/claims adds the seeds' to it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.evaluation.tables import Tables
from pipeline.metrics.answers import exact, rouge
from pipeline.metrics.bleu_sums import bleu_of, sums_of_each
from pipeline.metrics.captioning import cider_of_each
from pipeline.metrics.transcription import wer
from pipeline.metrics.translation import USUAL, tokenisation

Values = npt.NDArray[np.float64]
Pair = tuple[str, str, float, float]
"""Two systems, the first's metric less the second's, and the standard error of that."""
RESAMPLES = 1000
FEWEST_BLOCKS = 4
"""Of a series of windows: blocks are as long as what the windows have in common, unless that leaves fewer."""


@dataclass(frozen=True)
class Items:
    """One metric of one system, item by item.

    `values`: (n,) whose mean, weighted by `weights`, is the metric; or (n, k), the sums that BLEU is made of.
    `block`: neighbours that are not independent, such as windows that overlap.
    """

    values: Values
    weights: Values | None = None
    block: int = 1


MakeItems = Callable[[pd.DataFrame, Mapping[str, Any]], dict[str, Items]]
"""Predictions of one run on one split, the dataset's description -> items by metric."""


def paired(tables: Tables, description: Mapping[str, Any], task: str) -> pd.DataFrame | None:
    """split, metric, a, b, difference, error, items: every pair of systems on every test split.

    Args:
        tables: of all systems, with their variant and seed.
        description: the dataset's.

    Returns:
        None where the task keeps nothing item by item.
    """
    make = TASKS.get(task)
    if make is None:
        return None
    scored = set(tables["scores"]["metric"])
    source = tables["windows" if task in ("forecasting", "imputation") else "predictions"]
    found = [
        row for split in description["tests"] for row in _of_split(source, split, make, description, scored)
    ]
    return pd.DataFrame(found, columns=["split", "metric", "a", "b", "difference", "error", "items"])


def _of_split(
    source: pd.DataFrame, split: str, make: MakeItems, description: Mapping[str, Any], scored: set[str]
) -> Iterator[list[Any]]:
    arms: dict[str, dict[str, list[Items]]] = {}
    own = source[source["split"] == split]
    for (variant, _), rows in own.groupby(["variant", "seed"], sort=False):
        arm = arms.setdefault(str(variant), {})
        for metric, items in make(rows, description).items():
            if metric in scored:
                arm.setdefault(metric, []).append(items)
    for metric in dict.fromkeys(metric for arm in arms.values() for metric in arm):
        # A variant may lack some: a classifier that reads less is not asked with as many tokens.
        having = {name: arm[metric] for name, arm in arms.items() if metric in arm}
        is_sums = next(iter(having.values()))[0].values.ndim == 2
        for a, b, difference, error in (_resampled if is_sums else _linearised)(having):
            count = len(having[a][0].values)
            yield [split, metric, a, b, difference, error, count]


def _linearised(arms: Mapping[str, list[Items]]) -> Iterator[Pair]:
    """Of means: what an item adds to the difference beyond its mean (a ratio of sums, linearised)."""
    means = {name: np.mean([seed.values for seed in arm], axis=0) for name, arm in arms.items()}
    first = next(iter(arms.values()))[0]
    weights = np.ones(len(first.values)) if first.weights is None else first.weights
    for a, b in combinations(arms, 2):
        apart = means[a] - means[b]
        # The last windows of a series end before its longer horizons.
        known = np.isfinite(apart)
        apart, own = apart[known], weights[known]
        mean = float((apart * own).sum() / own.sum())
        block = max(arms[name][0].block for name in (a, b))
        yield a, b, mean, _error_of_mean((apart - mean) * own / own.mean(), block)


def _error_of_mean(values: Values, block: int) -> float:
    """Of independent values, or of a series by a circular block bootstrap (Politis & Romano 1992)."""
    count = len(values)
    if block == 1:
        return float(values.std(ddof=1) / np.sqrt(count))
    sums = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values[:block]]))])
    starts = np.random.default_rng(0).integers(count, size=(RESAMPLES, -(-count // block)))
    means = (sums[starts + block] - sums[starts]).sum(1) / (starts.shape[1] * block)
    return float(means.std(ddof=1))


def _resampled(arms: Mapping[str, list[Items]]) -> Iterator[Pair]:
    """Of BLEU: a paired bootstrap over sentences (Koehn 2004)."""
    count = len(next(iter(arms.values()))[0].values)
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    # The first row is the sample itself.
    weights = np.vstack([np.ones((1, count)), drawn])
    scores = {
        name: np.mean([bleu_of(weights @ seed.values) for seed in arm], axis=0) for name, arm in arms.items()
    }
    for a, b in combinations(arms, 2):
        apart = scores[a] - scores[b]
        yield a, b, float(apart[0]), float(apart[1:].std(ddof=1))


def _classes(rows: pd.DataFrame, _: Mapping[str, Any]) -> dict[str, Items]:
    """Rows of one text, which differ in the filler behind it, belong together.

    accuracy_N is of the rows that are long enough, the same for all systems.
    """
    chosen = np.stack(rows["probabilities"].to_list()).argmax(1)
    right = (chosen == rows["label"].to_numpy()).astype(np.float64)
    if "filler" not in rows:
        cuts = [name for name in rows.columns if name.startswith("accuracy_") and rows[name].notna().any()]
        return {"accuracy": Items(right)} | {name: Items(rows[name].to_numpy(np.float64)) for name in cuts}
    by_text = rows.assign(right=right).pivot(index="text", columns="filler", values="right").to_numpy()
    return {"accuracy": Items(by_text.mean(1)), "filler_drop": Items(by_text[:, 0] - by_text[:, -1])}


def _ratings(rows: pd.DataFrame, _: Mapping[str, Any]) -> dict[str, Items]:
    return {"mae": Items((rows["stars"] - rows["rating"]).abs().to_numpy(np.float64))}


def _steps(rows: pd.DataFrame, _: Mapping[str, Any]) -> dict[str, Items]:
    """Steps of one sequence belong together."""
    error = rows["answer"].to_numpy(np.float64) - rows["target"].to_numpy(np.float64)
    steps = pd.DataFrame({"row": rows["row"].to_numpy(), "right": np.abs(error) < 0.5, "squared": error**2})
    by_row = steps.groupby("row").agg(right=("right", "mean"), squared=("squared", "mean"), n=("row", "size"))
    weights = by_row["n"].to_numpy(np.float64)
    return {
        "accuracy": Items(by_row["right"].to_numpy(np.float64), weights),
        "mse": Items(by_row["squared"].to_numpy(np.float64), weights),
    }


def _tags(rows: pd.DataFrame, _: Mapping[str, Any]) -> dict[str, Items]:
    pairs = zip(rows["tags"], rows["predicted"], strict=True)
    right = [np.mean(np.array(gold) == np.array(found)) for gold, found in pairs]
    return {"accuracy": Items(np.array(right), rows["tags"].str.len().to_numpy(np.float64))}


def _answers(rows: pd.DataFrame, description: Mapping[str, Any]) -> dict[str, Items]:
    pairs = list(zip(rows["hypothesis"], rows["references"], strict=True))
    if description["measure"] == "rouge_l":
        each = [rouge([text], [list(references)])["rouge_l"].value for text, references in pairs]
        return {"rouge_l": Items(np.array(each))}
    right = {"exact_match": Items(np.array([float(exact(*pair)) for pair in pairs]))}
    return right | {"bleu": _sums(rows)} if description["measure"] == "bleu" else right


def _translations(rows: pd.DataFrame, description: Mapping[str, Any]) -> dict[str, Items]:
    cut = tokenisation(description["target"])
    return {"bleu": _sums(rows, lowercase=description["lowercase"], tokenize=cut)}


def _captions(rows: pd.DataFrame, description: Mapping[str, Any]) -> dict[str, Items]:
    lowercase, references = description["lowercase"], [list(each) for each in rows["references"]]
    each = cider_of_each(rows["hypothesis"].tolist(), references, lowercase=lowercase)
    return {"cider": Items(each), "bleu": _sums(rows, lowercase=lowercase)}


def _transcripts(rows: pd.DataFrame, _: Mapping[str, Any]) -> dict[str, Items]:
    pairs = zip(rows["hypothesis"], (str(said) for (said,) in rows["references"]), strict=True)
    each = [wer([found], [said]).value for found, said in pairs]
    return {"wer": Items(np.array(each), rows["digits"].to_numpy(np.float64))}


def _sums(rows: pd.DataFrame, *, lowercase: bool = True, tokenize: str = USUAL) -> Items:
    references = [list(each) for each in rows["references"]]
    found = sums_of_each(rows["hypothesis"].tolist(), references, lowercase=lowercase, tokenize=tokenize)
    return Items(found)


def _windows(rows: pd.DataFrame, _: Mapping[str, Any]) -> dict[str, Items]:
    found = {}
    for name in map(str, rows.columns):
        metric, *rest = name.split("_")
        hours = rest[0] if rest else ""
        if metric in ("mse", "mae") and hours.isdigit():
            block = max(1, min(int(hours), len(rows) // FEWEST_BLOCKS))
            found[name] = Items(rows[name].to_numpy(np.float64), block=block)
    return found


def _gaps(rows: pd.DataFrame, _: Mapping[str, Any]) -> dict[str, Items]:
    block = min(int(rows["block"].iloc[0]), max(1, len(rows) // FEWEST_BLOCKS))
    # Empty where another variant is asked for more.
    names = [name for name in ("mse", "mae", "mse_last") if name in rows and rows[name].notna().any()]
    return {name: Items(rows[name].to_numpy(np.float64), block=block) for name in names}


TASKS: Mapping[str, MakeItems] = {
    "classification": _classes,
    "rating": _ratings,
    "algorithmic": _steps,
    "tagging": _tags,
    "translation": _translations,
    "transduction": _answers,
    "captioning": _captions,
    "transcription": _transcripts,
    "forecasting": _windows,
    "imputation": _gaps,
}
