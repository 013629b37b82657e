"""Training, validation and test from one split of sentence pairs."""

import hashlib
from collections import defaultdict

import datasets
import pyarrow as pa

from pipeline.config.schema.datasets import Pool
from pipeline.data.kinds.base import Splits
from pipeline.errors import UserError
from pipeline.text.sentences import bare


def drawn(rows: datasets.Dataset, pool: Pool) -> Splits:
    """The three splits of rows with source, target and references.

    A source sentence stands in one of them only, nor does one that differs from it in capitals and marks
    stand in another. Which one is decided by its digest, so neither by the order of the rows nor by chance.
    Training keeps every pair; elsewhere a source has one row, with all its translations as references.

    Raises:
        UserError: validation and test leave no sentence for training.
    """
    table = rows.with_format("arrow")[:]
    sentences = [bare(source) for source in table["source"].to_pylist()]
    ranked = sorted(set(sentences), key=lambda sentence: hashlib.sha256(sentence.encode()).digest())
    held_out = pool.test + pool.validation
    if len(ranked) <= held_out:
        raise UserError(
            f"pool {pool.split}: has {len(ranked):,} source sentences, of which validation and test take "
            f"{held_out:,}; lower them"
        )
    splits = dict.fromkeys(ranked, "train")
    splits |= dict.fromkeys(ranked[:held_out], "validation") | dict.fromkeys(ranked[: pool.test], "test")
    places = defaultdict(list)
    for row, sentence in enumerate(sentences):
        places[splits[sentence]].append(row)
    parts = {name: table.take(places[name]) for name in ("train", "validation", "test")}
    parts |= {name: _gathered(parts[name]) for name in ("validation", "test")}
    return {name: datasets.Dataset(part) for name, part in parts.items()}


def _gathered(pairs: pa.Table) -> pa.Table:
    """One row per source, in the order of their first appearance; its first translation is the target."""
    translations: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for pair in pairs.to_pylist():
        translations[pair["source"]] |= dict.fromkeys(pair["references"])
    found = [
        {"source": source, "target": next(iter(targets)), "references": list(targets)}
        for source, targets in translations.items()
    ]
    return pa.Table.from_pylist(found, pairs.schema)
