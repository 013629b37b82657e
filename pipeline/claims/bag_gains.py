"""Accuracy by length beside a bag of words on the same tokens: shown with a claim, deciding nothing."""

from collections.abc import Mapping, Sequence

import pandas as pd

from pipeline.claims.claim import Figure, Line, Point
from pipeline.claims.evidence import Evidence, NotRun
from pipeline.claims.statistics import Estimate, difference, mean

CELLS = ("rnn", "gru", "lstm")
PROBE = "bag@vanishing"
POINTS = 100


def by_length(evidence: Evidence) -> tuple[list[Figure], list[str]]:
    """Accuracy of each cell and of the bag by tokens read, what a cell gains, and what that says, in words.

    Variants are CELL_LENGTH, with `_first` where a text's first tokens are read; others start otherwise.
    """
    try:
        gains, bags, power = (evidence.probe(PROBE, table) for table in ("gains", "bags", "power"))
    except NotRun as missing:
        return [], [f"{missing}: no accuracy of a bag of words on the same tokens stands beside"]
    last, first = (_found(gains, power, keep) for keep in ("last", "first"))
    if not last:
        return [], [f"probe {PROBE} has not seen two seeds of a cell that reads the last tokens"]
    ends = [estimate.interval for estimate in last.values()]
    above, below = sum(low > 0 for low, _ in ends), sum(high < 0 for _, high in ends)
    shown = power[power["variant"].isin([_variant(*key) for key in last])]["smallest_gain"] * POINTS
    counts = bags.iloc[0]
    remarks = [
        f"accuracy less that of a bag of words on the same last {_lengths(last)} tokens, in points, which "
        f"decides nothing: {_told(last)}; surely above 0: {above} of {len(last)}, surely below: {below} "
        "(95 % intervals, uncorrected)",
        f"{counts['train']} reviews to train on, {counts['validation']} to choose by and {counts['test']} to "
        f"score: with a power of 80 % they show {shown.min():.1f} to {shown.max():.1f} points, no less, by "
        "how often network and bag disagree",
    ]
    if first:
        remarks.insert(1, f"on the first {_lengths(first)} tokens {_told(first)}")
    return [_accuracy(gains, bags, last), _gained(last)], remarks


Gains = dict[tuple[str, int, str], Estimate]
"""(cell, tokens read, keep) -> gain in accuracy."""


def _variant(cell: str, length: int, keep: str) -> str:
    return f"{cell}_{length}" + ("" if keep == "last" else f"_{keep}")


def _found(gains: pd.DataFrame, power: pd.DataFrame, keep: str) -> Gains:
    """Cells first, then lengths rising; what has one seed is left out."""
    errors = power.set_index("variant")["item_error"]
    found = {}
    for cell in CELLS:
        for length in sorted(set(gains["length"])):
            name = _variant(cell, length, keep)
            rows = gains[(gains["variant"] == name) & (gains["keep"] == keep)]
            if len(rows) > 1:
                networks, bag = rows["accuracy"].tolist(), rows["bag"].tolist()[:1]
                found[cell, int(length), keep] = difference(networks, bag, item_error=float(errors[name]))
    return found


def _read(found: Gains) -> list[int]:
    return sorted({length for _, length, _ in found})


def _lengths(found: Gains) -> str:
    *others, longest = map(str, _read(found))
    return f"{', '.join(others)} and {longest}" if others else longest


def _told(found: Gains) -> str:
    """Of each cell a number for every length, none for what was not trained."""
    (keep,) = {keep for _, _, keep in found}
    parts = []
    for cell in dict.fromkeys(cell for cell, _, _ in found):
        each = [found.get((cell, length, keep)) for length in _read(found)]
        parts.append(" ".join([cell, *(f"{one.value * POINTS:+.1f}" if one else "none" for one in each)]))
    return ", ".join(parts)


def _accuracy(gains: pd.DataFrame, bags: pd.DataFrame, shown: Gains) -> Figure:
    lines: dict[str, list[Point]] = {}
    for cell, length, keep in shown:
        values = gains.loc[gains["variant"] == _variant(cell, length, keep), "accuracy"].tolist()
        low, high = mean(values).interval
        point = (float(length), mean(values).value, max(low, 0.0), min(high, 1.0))
        lines.setdefault(cell, []).append(point)
    own = bags[bags["keep"] == "last"].sort_values("length")
    lines["bag of words"] = [
        (float(row["length"]), float(row["accuracy"]), None, None) for row in own.to_dict("records")
    ]
    return _drawn("accuracy", lines)


def _gained(shown: Gains) -> Figure:
    """With the intervals of the gains: seeds and texts, paired."""
    lines: dict[str, list[Point]] = {}
    for (cell, length, _), estimate in shown.items():
        y, low, high = (value * POINTS for value in (estimate.value, *estimate.interval))
        lines.setdefault(cell, []).append((float(length), y, low, high))
    return _drawn("points gained over the bag of words", lines)


def _drawn(y: str, lines: Mapping[str, Sequence[Point]]) -> Figure:
    drawn = [Line(name, points) for name, points in lines.items()]
    return Figure("last tokens that are read", y, drawn, logarithmic=True)
