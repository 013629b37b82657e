"""Only texts of lengths that are fixed beforehand, each of them in one split only."""

from collections import Counter
from typing import Any

import numpy as np

from pipeline.data.kinds.base import Splits
from pipeline.errors import UserError
from pipeline.text.ascii_words import count


def of_length(splits: Splits, shortest: int | None, longest: int | None) -> tuple[Splits, dict[str, Any]]:
    """The splits' texts of `shortest` to `longest` tokens, without those that stand in two splits.

    Args:
        shortest, longest: None where there is no such end.

    Returns:
        the splits, and what was found: texts of fitting length by split, and how many different ones were
        dropped because two splits have them.

    Raises:
        UserError: a split has no such text.
    """
    ends = {name: end for name, end in (("shortest", shortest), ("longest", longest)) if end is not None}
    low, high = shortest or 0, longest or np.inf
    fitting = {
        name: rows.select(np.flatnonzero([low <= count(text) <= high for text in rows["text"]]))
        for name, rows in splits.items()
    }
    seen = Counter(text for rows in fitting.values() for text in set(rows["text"]))
    shared = {text for text, times in seen.items() if times > 1}
    kept = {
        name: rows.select(np.flatnonzero([text not in shared for text in rows["text"]]))
        for name, rows in fitting.items()
    }
    if empty := [name for name, rows in kept.items() if not len(rows)]:
        bounds = {"shortest": "or more", "longest": "or fewer"}
        wanted = " and ".join(f"{end:,} tokens {bounds[name]}" for name, end in ends.items())
        cure = " or ".join(f"{'lower' if name == 'shortest' else 'raise'} `{name}`" for name in ends)
        raise UserError(
            f"{', '.join(empty)}: no text of {wanted} that no other split has; {cure} of the dataset"
        )
    found = {**ends, "rows": {name: len(rows) for name, rows in fitting.items()}}
    return kept, found | {"shared": len(shared)}
