"""How the time of a training step grows, as the probe `timing` has seen it."""

import math
from collections.abc import Sequence

import pandas as pd

from pipeline.claims.claim import Figure, Judgement, Line, Point, judged
from pipeline.claims.evidence import Evidence
from pipeline.claims.statistics import Comparison, Estimate, mean

NAMES = {
    "none": "without attention",
    "luong": "Luong's attention",
    "bahdanau": "Bahdanau's attention",
    "convolution": "a convolution",
}
RECURRENT = ("none", "luong", "bahdanau")
LINEAR = (0.8, 1.2)
"""An exponent of S + T in between is as good as 1."""
FREE = 0.5
"""Time that grows more slowly than this power of the batch: rows are next to free."""

Exponents = dict[tuple[str, str], list[float]]
"""(network, steps or batch) -> a value per repeat."""


def grows(evidence: Evidence) -> Judgement:
    """Of encoder-decoders: does time grow as S + T, and with the batch?"""
    exponents, times = evidence.probe("timing", "exponents"), evidence.probe("timing", "times")
    facts = evidence.probe_facts("timing")
    found: Exponents = {
        (str(network), str(of)): rows["exponent"].tolist()
        for (network, of), rows in exponents.groupby(["network", "of"])
    }
    inside = f"exponent inside {LINEAR[0]:g} to {LINEAR[1]:g}, from the nearer end"
    comparisons = [
        *(
            Comparison(
                f"S + T, {NAMES[name]}",
                inside,
                nearer(found[name, "steps"]),
                0,
                0,
            )
            for name in RECURRENT
        ),
        *(
            Comparison(
                f"batch, {NAMES[name]}",
                "exponent",
                mean(found[name, "batch"]),
                FREE,
                FREE,
            )
            for name in RECURRENT
        ),
    ]
    settings, sizes = facts["settings"], facts["parameters"].values()
    batches, lengths = settings["batches"], settings["lengths"]
    powers = ", ".join(
        f"{label} (S + T)^{_mean(found[name, 'steps']):.2f} batch^{_mean(found[name, 'batch']):.2f}"
        for name, label in NAMES.items()
    )
    remarks = [
        f"time grows as: {powers}",
        _product(times),
        f"{facts['device']}, {settings['repeats']} repeats over batches of {batches[0]} to {batches[-1]} and "
        f"{lengths[0]} to {lengths[-1]} words on either side; {settings['hidden']} units, "
        f"{min(sizes):,} to {max(sizes):,} parameters",
    ]
    return judged(comparisons, figure=_figure(times), remarks=remarks)


def nearer(exponents: Sequence[float]) -> Estimate:
    """How far inside `LINEAR` they lie, from the end that is nearer to their mean; negative outside.

    Who is surely inside by the nearer end is so by the other, which has the same error and lies further off.
    """
    low, high = LINEAR
    near = _mean(exponents) - low < high - _mean(exponents)
    return mean([value - low if near else high - value for value in exponents])


def _product(times: pd.DataFrame) -> str:
    """What a target step takes longer with attention than without: shortest source, longest source."""
    widest = times[(times["batch"] == times["batch"].max()) & (times["target"] == times["target"].max())]
    each = widest.groupby(["network", "source"])["seconds"].mean() / widest["target"].max() * 1000
    short, long = widest["source"].min(), widest["source"].max()
    more = "; ".join(
        f"{NAMES[name]} {each[name, short] - each['none', short]:.3g} and "
        f"{each[name, long] - each['none', long]:.3g} ms"
        for name in RECURRENT[1:]
    )
    return (
        f"what attention adds to a target step over {short} and over {long} source words, in a batch of "
        f"{widest['batch'].max()} with {widest['target'].max()} target words: {more}"
    )


def _figure(times: pd.DataFrame) -> Figure:
    """At the largest batch, S = T."""
    batch = times["batch"].max()
    even = times[(times["batch"] == batch) & (times["source"] == times["target"])]
    lines: dict[str, list[Point]] = {}
    for (network, source), rows in even.groupby(["network", "source"], sort=False):
        found = mean([math.log10(value) for value in rows["seconds"]])
        lines.setdefault(NAMES[str(network)], []).append((2.0 * float(source), found.value, *found.interval))
    return Figure(
        "words of source and target",
        f"log10 of a step's seconds, batch {batch}",
        [Line(*line) for line in lines.items()],
        logarithmic=True,
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
