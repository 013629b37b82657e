"""Log-probabilities -> the tables of one language model."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.store import Ids, PreparedDataset
from pipeline.data.streams import running_ids
from pipeline.evaluation.ngrams import KneserNey
from pipeline.evaluation.predict.continuations import continue_texts, log_probabilities
from pipeline.evaluation.tables import Tables, score_rows, stacked, test_splits_first
from pipeline.metrics.language_modelling import by_frequency, perplexity

Read = Callable[[Ids], npt.NDArray[np.floating]]
"""A running text -> the natural logarithm of each token's probability."""
ORDERS = {"unigram": 1, "kneser_ney": 5}
UNSAID = 2
"""Types that stand in no text: padding and start of sentence."""
PROMPTS = 8
"""Lines whose first half is continued, at evenly spaced quantiles of length."""
WORDS = 20
"""Tokens of a continuation at most."""


def evaluate_bundle(bundle: Bundle, dataset: PreparedDataset) -> Tables:
    """Perplexities, log-probabilities by token, perplexity by frequency of words, continuations of lines."""
    tables = _tables(dataset, lambda ids: log_probabilities(bundle, ids))
    return tables | {"continuations": _continued(bundle, dataset)}


def evaluate_baseline(name: str, dataset: PreparedDataset) -> Tables:
    """As `evaluate_bundle`, of a baseline trained here; it continues nothing."""
    ids, size = running_ids(dataset, "train"), dataset.vocabulary["text"]
    return _tables(dataset, KneserNey(ids, order=ORDERS[name], vocabulary=size).log_probabilities)


def _tables(dataset: PreparedDataset, read: Read) -> Tables:
    train, size = running_ids(dataset, "train"), dataset.vocabulary["text"]
    counts = np.bincount(train, minlength=size)
    parts = [_split_tables(dataset, name, counts, read) for name in test_splits_first(dataset)]
    tables = stacked(parts)
    # As much of the training text as there is of the test: what was learned by heart.
    start = train[: len(running_ids(dataset, dataset.description["tests"][0]))]
    score = perplexity(read(start), types=size - UNSAID, read=f"first {len(start):,} tokens")
    seen = score_rows("train", {"perplexity": score})
    return tables | {"scores": pd.concat([tables["scores"], seen], ignore_index=True)}


def _split_tables(dataset: PreparedDataset, name: str, counts: npt.NDArray[np.int64], read: Read) -> Tables:
    ids, lengths = running_ids(dataset, name), dataset.split(name).columns["text"].lengths
    found = read(ids)
    score = perplexity(found, types=dataset.vocabulary["text"] - UNSAID)
    ends = np.cumsum(lengths)[:-1]
    tokens = np.array(dataset.tokenizer("text").tokens(ids.tolist()), dtype=object)
    return {
        "scores": score_rows(name, {"perplexity": score}),
        "predictions": pd.DataFrame(
            {
                "split": name,
                "row": range(len(lengths)),
                "tokens": np.split(tokens, ends),
                "log_probabilities": np.split(found.astype(np.float32), ends),
            }
        ),
        "by_frequency": pd.DataFrame(by_frequency(found, counts[ids])).assign(split=name),
    }


def _continued(bundle: Bundle, dataset: PreparedDataset) -> pd.DataFrame:
    """split, row, prompt, rest, likeliest, drawn: some lines' first halves and how they go on."""
    name = dataset.description["tests"][0]
    column, tokenizer = dataset.split(name).columns["text"], dataset.tokenizer("text")
    rows = spread(column.lengths, PROMPTS)
    halves = [(len(column[row]) - 1) // 2 for row in rows]
    prompts, rests = (
        [tokenizer.decode(column[row][part].tolist()) for row, part in zip(rows, parts, strict=True)]
        for parts in ([slice(half) for half in halves], [slice(half, None) for half in halves])
    )
    likeliest = continue_texts(bundle, prompts, words=WORDS)
    drawn = continue_texts(bundle, prompts, words=WORDS, temperature=1.0)
    return pd.DataFrame(
        {
            "split": name,
            "row": rows,
            "prompt": prompts,
            "rest": rests,
            "likeliest": [found[0].text for found in likeliest],
            "drawn": [found[0].text for found in drawn],
        }
    )


def spread(lengths: npt.NDArray[np.int64], number: int) -> Sequence[int]:
    """Rows at evenly spaced quantiles of length."""
    places = np.linspace(0.05, 0.95, number) * (len(lengths) - 1)
    return [int(row) for row in np.unique(np.argsort(lengths, kind="stable")[places.round().astype(int)])]
