"""Which levels are taken for which, stars against the rating given, and texts with their stars."""

from collections.abc import Sequence

import pandas as pd

from pipeline.config.schema.datasets import RatedText
from pipeline.report import figures
from pipeline.report.rated import read_rated
from pipeline.report.tasks.part import Part, Scored
from pipeline.report.vega import Plot, Spec, by_variant, category, chart, hover, mark, quantity

TILE = (46, 30)
"""Pixels of a confusion matrix's tile."""
BESIDE = 0.14
"""Levels between neighbouring variants of one rating."""


def part(scored: Scored) -> Part:
    study, tables = scored.study, scored.tables
    assert isinstance(study.dataset, RatedText)
    levels = [str(level) for level in study.dataset.levels]
    confused = tables["confusion"].astype({"actual": str, "predicted": str})
    counts = {str(name): rows for name, rows in confused.groupby("variant")}
    matrices = [
        Plot(f"{study.name}-confusion-{name}", name, figures.confusion(counts[name], levels, name, tile=TILE))
        for name in (system.name for system in scored.systems)
        if name in counts
    ]
    stars = by_level(tables["by_level"], study.dataset.levels, scored.order)
    return Part(
        {"confusion": matrices, "by_level": [Plot(f"{study.name}-by-level", "Stars by rating", stars)]},
        samples=read_rated(scored.predictions, scored.order),
    )


def by_level(frame: pd.DataFrame, levels: Sequence[int], order: Sequence[str]) -> Spec:
    """Mean and middle 80 % of the stars for each rating given, means over seeds; on the diagonal they are
    right."""
    shown = frame[frame["variant"].isin(order)]
    means = shown.groupby(["variant", "rating"], sort=False)[["texts", "mean", "low", "high", "mae"]].mean()
    means = means.reset_index()
    places = means["variant"].map({name: place for place, name in enumerate(order)})
    means["place"] = means["rating"] + BESIDE * (places - (len(order) - 1) / 2)
    ends = [{"place": end, "mean": end} for end in (levels[0], levels[-1])]
    grey = {"color": {"value": "var(--muted)"}}
    facts = hover("variant", rating="rating given", texts="texts", mean="mean stars", mae="mean error")
    stars = {"title": "stars", "scale": {"zero": False, "padding": 8}, "axis": {"values": list(levels)}}
    layers = [
        mark("line", grey, ends, strokeDash=[4, 4], strokeWidth=1),
        mark("rule", {"y": quantity("low", **stars), "y2": {"field": "high"}}, strokeWidth=2, opacity=0.55),
        mark("point", {"tooltip": facts}, filled=True, size=60, opacity=1),
    ]
    axis = {"values": list(levels), "grid": False}
    shared = {
        "x": quantity("place", title="rating given", axis=axis, scale={"zero": False, "padding": 14}),
        "y": quantity("mean", **stars),
        "color": by_variant(order),
        "detail": category("variant"),
    }
    return chart("Stars by rating given", means.to_dict("records"), layers, shared, height=320)
