"""Answers -> the tables of one network that answers.

It is searched as a translator is; what differs is how answers are scored, and that groups are told apart.
"""

from typing import Any

import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.store import PreparedDataset
from pipeline.evaluation import answer_baselines, translation
from pipeline.evaluation.shown import look_up
from pipeline.evaluation.tables import Tables, score_rows, stacked, test_splits_first
from pipeline.metrics.answers import scores

LENGTHS = [(1, 10), (11, 20), (21, 40), (41, 80), (81, 160), (161, None)]
"""Words of the source, both ends included, by which rows are told apart where the dataset names no groups."""
LONGEST_ALIGNED = 60
"""Tokens of the source; nobody reads the map of a longer one."""


def evaluate_bundle(bundle: Bundle, dataset: PreparedDataset, decoding: dict[str, Any]) -> Tables:
    """Scores, answers and scores by group on every test split and on validation.

    Answers and what is shown are as a translator's (pipeline/evaluation/translation.py), and so are
    alignments, of short sources alone.
    """
    tables = translation.searched(bundle, dataset, decoding, _scored)
    if "alignments" in tables:
        short = tables["alignments"]["source_tokens"].str.len() <= LONGEST_ALIGNED
        tables["alignments"] = tables["alignments"][short].reset_index(drop=True)
    return tables


def evaluate_baseline(name: str, dataset: PreparedDataset, decoding: dict[str, Any]) -> Tables:
    """As `evaluate_bundle`, of a baseline trained here: no score, rivals or alignment of its answers."""
    answer = answer_baselines.fit(name, dataset.split("train").rows())
    splits = test_splits_first(dataset)
    tables = stacked([_scored(dataset, split, answer(dataset.split(split).rows())) for split in splits])
    if decoding["show"]:
        shown = look_up(decoding["show"], dataset)
        tables["shown"] = shown.assign(hypothesis=answer(shown.assign(group="")))
    return tables


def _scored(
    dataset: PreparedDataset, split: str, hypotheses: list[str], greedy: list[str] | None = None
) -> Tables:
    """Scores, answers and scores by group; `greedy`: what a search without a beam finds."""
    measure, rows = dataset.description["measure"], dataset.split(split).rows()
    references = [list(each) for each in rows["references"]]
    found = scores(measure, hypotheses, references)
    if greedy is not None:
        found[f"{measure}_greedy"] = scores(measure, greedy, references)[measure]
    by_group = []
    for group, own in _groups(rows).items():
        chosen = [hypotheses[place] for place in own], [references[place] for place in own]
        by_group.append({"group": group, "rows": len(own), "value": scores(measure, *chosen)[measure].value})
    return {
        "scores": score_rows(split, found),
        "predictions": translation.kept(dataset, split, hypotheses, greedy),
        "by_group": pd.DataFrame(by_group).assign(split=split),
    }


def _groups(rows: pd.DataFrame) -> dict[str, list[int]]:
    """Places of the rows of each of the dataset's groups, or of each range of source lengths."""
    if "group" in rows:
        return {str(name): list(places) for name, places in rows.groupby("group", sort=False).indices.items()}
    words = rows["source"].str.split().str.len().clip(lower=1).tolist()
    found = {}
    for low, high in LENGTHS:
        places = [place for place, n in enumerate(words) if low <= n and (high is None or n <= high)]
        if places:
            found[f"{low}-{high} words" if high else f"{low}+ words"] = places
    return found
