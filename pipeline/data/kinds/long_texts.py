"""Only texts of a length that is fixed beforehand, each of them in one split only."""

from collections import Counter
from typing import Any

import numpy as np

from pipeline.data.kinds.base import Splits
from pipeline.errors import UserError
from pipeline.text.ascii_words import count


def only_long(splits: Splits, shortest: int) -> tuple[Splits, dict[str, Any]]:
    """The splits' texts of at least `shortest` tokens, without those that stand in two splits.

    Returns:
        the splits, and what was found: texts long enough by split, and how many different ones were dropped
        because two splits have them.

    Raises:
        UserError: a split has no such text.
    """
    long = {
        name: rows.select(np.flatnonzero([count(text) >= shortest for text in rows["text"]]))
        for name, rows in splits.items()
    }
    seen = Counter(text for rows in long.values() for text in set(rows["text"]))
    shared = {text for text, times in seen.items() if times > 1}
    kept = {
        name: rows.select(np.flatnonzero([text not in shared for text in rows["text"]]))
        for name, rows in long.items()
    }
    if empty := [name for name, rows in kept.items() if not len(rows)]:
        raise UserError(
            f"{', '.join(empty)}: no text of {shortest:,} tokens or more that no other split has; "
            "lower `shortest` of the dataset"
        )
    found = {"shortest": shortest, "rows": {name: len(rows) for name, rows in long.items()}}
    return kept, found | {"shared": len(shared)}
