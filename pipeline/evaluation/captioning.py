"""Captions -> the tables of one captioner."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.pictures import Pictures
from pipeline.data.store import PreparedDataset
from pipeline.evaluation import caption_baselines
from pipeline.evaluation.predict.captions import caption
from pipeline.evaluation.tables import Tables, score_rows, stacked, test_splits_first
from pipeline.images import Pixels, jpeg
from pipeline.metrics.caption_words import named
from pipeline.metrics.captioning import cider, scores
from pipeline.metrics.translation import bleu

GREEDY = {"beam": 1, "n_best": 1}
KEPT = 12
"""Pictures that are kept for the report, evenly spaced in the split."""


def evaluate_bundle(bundle: Bundle, dataset: PreparedDataset, decoding: dict[str, Any]) -> Tables:
    """Scores, words and captions on every test split and on validation; some pictures of the first test
    split, and where a captioner with attention looked in them.

    Args:
        decoding: the fields of `CaptionDecoding` in pipeline/config/schema/captioning.py.
    """
    parts = [_split_tables(bundle, dataset, split, decoding) for split in test_splits_first(dataset)]
    return stacked([*parts, _kept(bundle, dataset, decoding)])


def evaluate_baseline(name: str, dataset: PreparedDataset, decoding: dict[str, Any]) -> Tables:
    """As `evaluate_bundle`, of a baseline made here; it searches nothing and looks nowhere."""
    train, rows = Pictures.read(dataset, "train"), dataset.split("train").rows()
    references = [list(each) for each in rows["references"]]
    answer = caption_baselines.fit(name, train, references, lowercase=dataset.description["lowercase"])
    return stacked(
        [
            _scored(dataset, split, answer(Pictures.read(dataset, split).images))
            for split in test_splits_first(dataset)
        ]
    )


def _split_tables(bundle: Bundle, dataset: PreparedDataset, split: str, decoding: dict[str, Any]) -> Tables:
    images = Pictures.read(dataset, split).images
    found = caption(bundle, images, **decoding)
    greedy = [best.text for (best,) in caption(bundle, images, **decoding | GREEDY)]
    tables = _scored(dataset, split, [ranked[0].text for ranked in found], greedy)
    tables["predictions"] = tables["predictions"].assign(
        score=[ranked[0].score for ranked in found],
        n_best=[[each.text for each in ranked] for ranked in found],
    )
    return tables


def _scored(
    dataset: PreparedDataset, split: str, captions: list[str], greedy: list[str] | None = None
) -> Tables:
    """Scores, predictions and which words are said; `greedy`: what a search without a beam finds."""
    references = [list(each) for each in dataset.split(split).rows()["references"]]
    lowercase = dataset.description["lowercase"]
    found = scores(captions, references, lowercase=lowercase)
    predictions = {
        "split": split,
        "row": range(len(captions)),
        "hypothesis": captions,
        "references": references,
    }
    if greedy is not None:
        found["cider_greedy"] = cider(greedy, references, lowercase=lowercase)
        found["bleu_greedy"] = bleu(greedy, references, lowercase=lowercase)
        predictions["greedy"] = greedy
    return {
        "scores": score_rows(split, found),
        "predictions": pd.DataFrame(predictions),
        "words": pd.DataFrame(named(captions, references, lowercase=lowercase)).assign(split=split),
    }


def _kept(bundle: Bundle, dataset: PreparedDataset, decoding: dict[str, Any]) -> Tables:
    """pictures: row, picture (a JPEG file); looks: row, tokens, rows, columns, weights (flat)."""
    split = test_splits_first(dataset)[0]
    images = Pictures.read(dataset, split).images
    rows = np.unique(np.linspace(0, len(images) - 1, KEPT).round().astype(int))
    kept: Pixels = images[rows]
    files = {"split": split, "row": rows, "picture": [jpeg(image) for image in kept]}
    best = [ranked[0] for ranked in caption(bundle, kept, **decoding)]
    tables = {"pictures": pd.DataFrame(files)}
    looks = [
        {
            "split": split,
            "row": row,
            "tokens": each.tokens,
            "rows": each.attention.shape[1],
            "columns": each.attention.shape[2],
            "weights": each.attention.ravel(),
        }
        for row, each in zip(rows, best, strict=True)
        if each.attention is not None
    ]
    return tables | {"looks": pd.DataFrame(looks)} if looks else tables
