"""Which tags are hard, what they are taken for, and sentences with their tags."""

from collections.abc import Sequence

import pandas as pd

from pipeline.config.schema.datasets import TaggedText
from pipeline.report import figures
from pipeline.report.sentences import read_sentences
from pipeline.report.tasks.part import Part, Scored
from pipeline.report.vega import (
    Plot,
    Spec,
    by_variant,
    category,
    chart,
    hover,
    mark,
    quantity,
    systems,
)

ROW = (11, 7)
"""Pixels of a tag's row: at least, and for each variant."""
TICKS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)
STRETCH = 3
"""Power that gives the best scores most of the axis: one hard tag must not press all others together."""
TILE = (40, 25)
"""Pixels of a confusion matrix's tile: wide enough for a name of five letters."""


def part(scored: Scored) -> Part:
    name, tags = scored.study.name, by_support(scored.tables["by_tag"])
    dots = [Plot(f"{name}-by-tag", "F1 by tag", f1_by_tag(scored.tables["by_tag"], tags, scored.order))]
    return Part(
        plots={"by_tag": dots if tags else [], "confusion": _confusion(scored, tags)},
        samples=read_sentences(scored.predictions, scored.study.split, scored.order),
    )


def by_support(scores: pd.DataFrame) -> list[str]:
    """Tags of the split, the most frequent first; not those that it lacks and a system gave nevertheless."""
    support = scores.groupby("tag")["support"].max().reset_index()
    support = support[support["support"] > 0]
    return [str(tag) for tag in support.sort_values(["support", "tag"], ascending=[False, True])["tag"]]


def f1_by_tag(scores: pd.DataFrame, tags: Sequence[str], order: Sequence[str]) -> Spec:
    """A row per tag, and in it a disc per variant, one below the other: the mean over its seeds."""
    shown = scores[scores["tag"].isin(tags) & scores["variant"].isin(order)]
    groups = shown.groupby(["variant", "tag"], sort=False)
    means = groups.agg(f1=("f1", "mean"), support=("support", "max")).reset_index()
    facts = hover("variant", "tag", f1="mean F1", support="in the test")
    height = len(tags) * (ROW[0] + ROW[1] * len(order))
    below = category("variant", sort=list(order))
    point = mark("point", {"yOffset": below, "tooltip": facts}, filled=True, size=62, opacity=1)
    rows = systems("tag", tags)
    rows["axis"] |= {"grid": True, "tickBand": "extent"}  # lines between the rows
    least = max((tick for tick in TICKS if tick <= means["f1"].min()), default=0.0)
    scale = {"type": "pow", "exponent": STRETCH, "domain": [least, 1], "padding": 8}
    axis = {"values": [tick for tick in TICKS if tick >= least], "labelOverlap": "greedy", "format": ".2~f"}
    score = quantity("f1", title="F1, mean over seeds", scale=scale, axis=axis)
    shared = {"x": score, "y": rows, "color": by_variant(order)}
    return chart("F1 by tag", means.to_dict("records"), [point], shared, height=height)


def _confusion(scored: Scored, tags: Sequence[str]) -> list[Plot]:
    """The best variant's matrix of plain tags; parts of entities are better told apart by the scores."""
    assert isinstance(scored.study.dataset, TaggedText)
    counts = scored.tables["confusion"].astype({"actual": str, "predicted": str})
    counts = counts[counts["variant"] == scored.best]
    if scored.study.dataset.scheme != "plain" or not len(counts):
        return []
    met = counts[counts["count"] > 0]
    names = [*tags, *sorted({*met["actual"], *met["predicted"]} - set(tags))]
    counts = counts[counts["actual"].isin(names) & counts["predicted"].isin(names)]
    matrix = figures.confusion(counts, names, str(scored.best), tile=TILE)
    return [Plot(f"{scored.study.name}-confusion", str(scored.best), matrix)]
