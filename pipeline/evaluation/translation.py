"""Translations -> the tables of one translator."""

from typing import Any

import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.store import Ids, PreparedDataset
from pipeline.evaluation.predict.translations import LONGEST_SOURCE, translate_ids
from pipeline.evaluation.tables import Tables, all_ids, score_rows, test_splits_first
from pipeline.metrics.translation import Bucket, bleu, bleu_by_length, chrf, length_ratio
from pipeline.search.protocol import Hypothesis

GREEDY = {"beam": 1, "n_best": 1}


def evaluate_bundle(bundle: Bundle, dataset: PreparedDataset, decoding: dict[str, Any]) -> Tables:
    """Scores, translations and BLEU by length on every test split and on validation.

    A translator with attention also yields its alignments on the first test split. Scores ignore case where
    the tokenizer does.

    Args:
        decoding: the fields of `Decoding` in pipeline/config/schema/translation.py.
    """
    splits = test_splits_first(dataset)
    parts = [_split_tables(bundle, dataset, split, decoding, aligned=split == splits[0]) for split in splits]
    names = {name: None for part in parts for name in part}
    return {
        name: pd.concat([part[name] for part in parts if name in part], ignore_index=True) for name in names
    }


def _split_tables(
    bundle: Bundle, dataset: PreparedDataset, name: str, decoding: dict[str, Any], *, aligned: bool
) -> Tables:
    split, lowercase = dataset.split(name), dataset.description["lowercase"]
    sources, rows = all_ids(split.columns["source"]), split.rows()
    references = [list(each) for each in rows["references"]]
    decode = bundle.tokenizers["target"].decode
    found = translate_ids(bundle, sources, **decoding)
    best = [hypotheses[0] for hypotheses in found]
    hypotheses = [decode(each.tokens) for each in best]
    greedy = [decode(each.tokens) for (each,) in translate_ids(bundle, sources, **decoding | GREEDY)]
    scores = {
        "bleu": bleu(hypotheses, references, lowercase=lowercase),
        "chrf": chrf(hypotheses, references, lowercase=lowercase),
        "bleu_greedy": bleu(greedy, references, lowercase=lowercase),
        "length_ratio": length_ratio(hypotheses, references),
    }
    buckets = bleu_by_length(hypotheses, references, rows["source"].tolist(), lowercase=lowercase)
    tables = {
        "scores": score_rows(name, scores),
        "predictions": pd.DataFrame(
            {
                "split": name,
                "row": range(len(rows)),
                "source": rows["source"],
                "hypothesis": hypotheses,
                "greedy": greedy,
                "references": references,
                "score": [each.score for each in best],
                "n_best": [[decode(each.tokens) for each in ranked] for ranked in found],
            }
        ),
        "bleu_by_length": _buckets(buckets).assign(split=name),
    }
    if aligned and any(each.attention is not None for each in best):
        tables["alignments"] = _alignments(bundle, sources, best).assign(split=name)
    return tables


def _buckets(buckets: list[Bucket]) -> pd.DataFrame:
    """bucket, low, high (none of the last bucket), sentences, bleu"""
    return (
        pd.DataFrame(buckets).rename(columns={"name": "bucket"}).astype({"high": "Int64", "bleu": "float64"})
    )


def _alignments(bundle: Bundle, sources: list[Ids], best: list[Hypothesis]) -> pd.DataFrame:
    """row, source_tokens, target_tokens, weights: row by row of the (target, source) matrix."""
    source, target = bundle.tokenizers["source"], bundle.tokenizers["target"]
    return pd.DataFrame(
        [
            {
                "row": row,
                "source_tokens": source.tokens(ids[:LONGEST_SOURCE].tolist()),
                "target_tokens": target.tokens(hypothesis.tokens),
                "weights": hypothesis.attention.ravel(),
            }
            for row, (ids, hypothesis) in enumerate(zip(sources, best, strict=True))
            if hypothesis.attention is not None
        ]
    )
