"""Translations -> the tables of one translator."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.store import Ids, PreparedDataset
from pipeline.evaluation import translation_baselines
from pipeline.evaluation.alignment import alignment_table
from pipeline.evaluation.cut_outputs import cut_outputs
from pipeline.evaluation.predict.translations import LONGEST_SOURCE, translate, translate_ids
from pipeline.evaluation.shown import look_up
from pipeline.evaluation.tables import Tables, all_ids, score_rows, stacked, test_splits_first
from pipeline.metrics.translation import Bucket, bleu, bleu_by_length, chrf, length_ratio, tokenisation
from pipeline.search.protocol import Hypothesis

GREEDY = {"beam": 1, "n_best": 1}


Scored = Callable[[PreparedDataset, str, list[str], list[str] | None], Tables]
"""Dataset, split, hypotheses and what a search without a beam finds, None of a baseline -> their tables."""


def evaluate_bundle(bundle: Bundle, dataset: PreparedDataset, decoding: dict[str, Any]) -> Tables:
    """Scores, translations and BLEU by length on every test split and on validation.

    A translator with attention also yields its alignments on the first test split. Scores ignore case where
    the tokenizer does, and take all references of a row. Sentences to be shown are in a table of their own.

    Args:
        decoding: the fields of `Decoding` in pipeline/config/schema/translation.py.
    """
    return searched(bundle, dataset, decoding, scored)


def searched(bundle: Bundle, dataset: PreparedDataset, decoding: dict[str, Any], scored: Scored) -> Tables:
    """As `evaluate_bundle`, scored in any way."""
    search = {name: value for name, value in decoding.items() if name != "show"}
    splits = test_splits_first(dataset)
    parts = [
        _split_tables(bundle, dataset, split, search, scored, aligned=split == splits[0]) for split in splits
    ]
    if decoding["show"]:
        parts.append({"shown": _shown(bundle, dataset, decoding["show"], search)})
    if (looked := alignment_table(bundle, dataset, splits[0])) is not None:
        parts.append({"alignment": looked})
    return stacked(parts)


def evaluate_baseline(name: str, dataset: PreparedDataset, decoding: dict[str, Any]) -> Tables:
    """As `evaluate_bundle`, of a baseline trained here: no score, rivals or alignment of its translations."""
    train = dataset.split("train").rows()
    answer = translation_baselines.fit(name, train["source"].tolist(), train["target"].tolist())
    parts = []
    for split in test_splits_first(dataset):
        hypotheses = answer(dataset.split(split).rows()["source"].tolist())
        parts.append(scored(dataset, split, hypotheses))
    if decoding["show"]:
        shown = look_up(decoding["show"], dataset)
        parts.append({"shown": shown.assign(hypothesis=answer(decoding["show"]))})
    return stacked(parts)


def _split_tables(
    bundle: Bundle,
    dataset: PreparedDataset,
    name: str,
    search: dict[str, Any],
    scored: Scored,
    *,
    aligned: bool,
) -> Tables:
    sources = all_ids(dataset.split(name).columns["source"])
    decode = bundle.tokenizers["target"].decode
    found = translate_ids(bundle, sources, **search)
    best = [hypotheses[0] for hypotheses in found]
    plain = best
    if search["beam"] > 1:
        plain = [hypotheses[0] for hypotheses in translate_ids(bundle, sources, **search | GREEDY)]
    texts, greedy = ([decode(each.tokens) for each in some] for some in (best, plain))
    tables = scored(dataset, name, texts, greedy)
    tables["predictions"] = tables["predictions"].assign(
        score=[each.score for each in best],
        n_best=[[decode(each.tokens) for each in ranked] for ranked in found],
    )
    if aligned and any(each.attention is not None for each in best):
        tables["alignments"] = _alignments(bundle, sources, best).assign(split=name)
    return tables


def kept(
    dataset: PreparedDataset, name: str, hypotheses: list[str], greedy: list[str] | None = None
) -> pd.DataFrame:
    """A split's sources and references beside what was found."""
    rows = dataset.split(name).rows()
    columns = {
        "split": name,
        "row": range(len(rows)),
        "source": rows["source"],
        "hypothesis": hypotheses,
        "references": [list(each) for each in rows["references"]],
    }
    return pd.DataFrame(columns if greedy is None else columns | {"greedy": greedy})


def scored(
    dataset: PreparedDataset, name: str, hypotheses: list[str], greedy: list[str] | None = None
) -> Tables:
    """Scores, predictions, BLEU by length and of outputs cut short.

    `greedy`: what a search without a beam finds.
    """
    predictions, lowercase = kept(dataset, name, hypotheses, greedy), dataset.description["lowercase"]
    references = predictions["references"].tolist()
    words = {"lowercase": lowercase, "tokenize": tokenisation(dataset.description["target"])}
    scores = {
        "bleu": bleu(hypotheses, references, **words),
        "chrf": chrf(hypotheses, references, lowercase=lowercase),
    }
    if greedy is not None:
        scores["bleu_greedy"] = bleu(greedy, references, **words)
    scores["length_ratio"] = length_ratio(hypotheses, references, **words)
    buckets = bleu_by_length(hypotheses, references, predictions["source"].tolist(), **words)
    tables = {
        "scores": score_rows(name, scores),
        "predictions": predictions,
        "bleu_by_length": _buckets(buckets).assign(split=name),
    }
    if name == test_splits_first(dataset)[0]:
        tables["cut_outputs"] = cut_outputs(hypotheses, references, **words).assign(split=name)
    return tables


def _shown(
    bundle: Bundle, dataset: PreparedDataset, sentences: Sequence[str], search: dict[str, Any]
) -> pd.DataFrame:
    """split, row, source, references, hypothesis; source_tokens, target_tokens, weights as of alignments."""
    best = [found[0] for found in translate(bundle, sentences, **search)]
    return look_up(sentences, dataset).assign(
        hypothesis=[each.text for each in best],
        source_tokens=[each.source_tokens for each in best],
        target_tokens=[each.target_tokens for each in best],
        weights=[None if each.attention is None else each.attention.ravel() for each in best],
    )


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
