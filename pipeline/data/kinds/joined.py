"""Long pairs made of short ones: sentences one behind the other, and their translations likewise."""

from itertools import islice
from typing import Any

import datasets
import numpy as np

from pipeline.data.kinds.base import Splits

SUFFIX = "_joined"
"""Of the split that holds a test split's long pairs."""
SHORTEST_TEST = 3
"""Sentences of a long test pair, at least; in training two are enough."""


def with_long_pairs(splits: Splits, tests: list[str], most: int) -> Splits:
    """Training and validation get long pairs beside their single ones, so that every sentence stands once
    alone and once in a row of 2 to `most`; every test split keeps its own, and gets a split of long ones.
    """
    found: Splits = {}
    for name, rows in splits.items():
        if name in tests:
            found[name] = rows
            continue
        long = datasets.Dataset.from_list(_joined(rows, 2, most), features=rows.features)
        found[name] = datasets.concatenate_datasets([rows, long])
    for name in tests:
        long = _joined(splits[name], SHORTEST_TEST, most)
        found[f"{name}{SUFFIX}"] = datasets.Dataset.from_list(long, features=splits[name].features)
    return found


def _joined(rows: datasets.Dataset, fewest: int, most: int) -> list[dict[str, Any]]:
    """Rows in an order drawn once, cut into groups of `fewest` to `most` in turn; what is left over goes."""
    order = iter(np.random.default_rng(0).permutation(len(rows)).tolist())
    groups: list[list[int]] = []
    size = fewest
    while len(group := list(islice(order, size))) == size:
        groups.append(group)
        size = fewest if size == most else size + 1
    columns = rows[:]
    return [_row([{name: columns[name][place] for name in columns} for place in group]) for group in groups]


def _row(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """References of the parts are joined first to first, second to second, as far as all have one."""
    together = zip(*(part["references"] for part in parts), strict=False)
    row = {
        "source": " ".join(part["source"] for part in parts),
        "target": " ".join(part["target"] for part in parts),
        "references": [" ".join(texts) for texts in together],
    }
    return row | {"links": _links(parts, len(row["references"]))} if "links" in parts[0] else row


def _links(parts: list[dict[str, Any]], count: int) -> list[str]:
    """Gold links of the joined references, moved by the words before them."""
    found = []
    for number in range(count):
        links, before = [], [0, 0]
        for part in parts:
            for link in part["links"][number].split():
                source, target = map(int, link.split("-"))
                links.append(f"{source + before[0]}-{target + before[1]}")
            before[0] += len(part["source"].split())
            before[1] += len(part["references"][number].split())
        found.append(" ".join(links))
    return found
