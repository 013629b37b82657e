"""A validation split out of the training split, where a corpus has none."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.data.kinds.base import Splits

Chosen = npt.NDArray[np.bool_]
"""Of each row whether it is held out, (n,)."""
RUNS = 20
"""Places of the training split that held-out rows come from."""


def set_apart(splits: Splits, held: Chosen) -> Splits:
    """The splits with these rows of training as validation."""
    train = splits["train"]
    rest = {name: rows for name, rows in splits.items() if name != "train"}
    validation = train.select(np.flatnonzero(held))
    return {"train": train.select(np.flatnonzero(~held)), "validation": validation, **rest}


def held_out(texts: Sequence[str], labels: npt.NDArray[np.int64], count: int) -> Chosen:
    """Chooses about `count` rows, of every class its share, as runs of neighbours; equal texts go together.

    Neighbours in a corpus often belong together: IMDB's reviews of one film stand side by side. With some of
    them in training, validation would flatter.
    """
    texts, run = list(texts), max(1, count // RUNS)
    chosen: set[str] = set()
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        runs = [rows[start : start + run] for start in range(0, len(rows), run)]
        runs.sort(key=lambda run: hashlib.sha256(texts[run[0]].encode()).digest())
        wanted = min(round(count * len(rows) / len(labels)), len(rows) - 1)
        for row in np.concatenate(runs)[:wanted]:
            chosen.add(texts[row])
    return np.array([text in chosen for text in texts])
