"""Charts of every task: tidy tables -> Vega-Lite specifications."""

from collections.abc import Sequence

import pandas as pd

from pipeline.report.findings import System
from pipeline.report.metrics import metric_of
from pipeline.report.vega import (
    Spec,
    by_variant,
    category,
    chart,
    colour,
    given,
    hover,
    mark,
    measure,
    packed,
    quantity,
    share,
    systems,
)

POINTS = 150
"""Most points drawn of one curve."""
ROW = 38
"""Pixels of a row that stands for a system."""
TILE = 44
"""Pixels of a confusion matrix's row."""


def ranking(found: Sequence[System], seeds: pd.DataFrame, metric: str) -> Spec:
    """A line per system: its mean, the 95 % interval, and each seed as a small ring.

    Args:
        seeds: variant, seed, value of this metric.
    """
    scored = [(place, system) for place, system in enumerate(found) if metric in system.scores]
    hues = {system.name: "var(--baseline)" if system.baseline else colour(place) for place, system in scored}
    means = [
        {"system": system.name, "colour": hues[system.name], **vars(system.scores[metric])}
        for _, system in scored
    ]
    rings = [
        {"system": row["variant"], "colour": hues[row["variant"]], "seed": row["seed"], "value": row["value"]}
        for row in seeds.to_dict("records")
        if row["variant"] in hues and row["seed"] >= 0
    ]
    label = metric_of(metric).label
    facts = hover("system", mean=f"mean {label}", low="95 % from", high="to", seeds="seeds")
    span = {"x": quantity("low"), "x2": {"field": "high"}, "tooltip": facts}
    wide = [row for row in means if row["low"] is not None]
    interval = [mark("rule", span, wide, strokeWidth=3, opacity=0.45)] if wide else []
    mean = mark("point", {"x": quantity("mean"), "tooltip": facts}, filled=True, size=110, opacity=1)
    ring = {"x": quantity("value"), "tooltip": hover("system", "seed", value=label)}
    single = mark("point", ring, rings, size=36, strokeWidth=1.2, yOffset=12)
    shared = {"x": measure("mean", label), "y": systems("system", list(hues)), "color": given("colour")}
    about = f"{label} of each system with its 95 % interval"
    return chart(about, means, [*interval, mean, single], shared, height=ROW * len(hues))


def curves(frame: pd.DataFrame, axis: str, title: str, order: Sequence[str]) -> Spec:
    """One thin line per seed over `axis` (step or epoch), by variant; hover finds the nearest point."""
    lines = [_thinned(line, axis) for _, line in frame.groupby(["variant", "seed"], sort=False)]
    rows = pd.concat(lines)[["variant", "seed", axis, "value"]].to_dict("records")
    columns, taken_apart = packed(rows)
    line = mark("line", {"detail": category("seed")}, strokeWidth=1.3, opacity=0.85)
    # A line of one point is no line: such points always show.
    rest = 1 if len(rows) == len(lines) else 0
    visible = {"condition": {"param": "near", "empty": False, "value": 1}, "value": rest}
    # The whole row: beside a nearest selection, Vega-Lite 6 looks for nominal fields in the wrong place.
    point = mark("point", {"opacity": visible}, filled=True, size=70, tooltip={"content": "data"})
    near = {"type": "point", "nearest": True, "on": "pointerover", "clear": "pointerout"}
    point["params"] = [{"name": "near", "select": near | {"fields": ["variant", "seed", axis]}}]
    ticks = {"tickMinStep": 1, "tickCount": 5, "labelOverlap": True, "grid": False}
    shared = {
        "x": quantity(axis, title=axis, axis=ticks, scale={"nice": False}),
        "y": measure("value", None),
        "color": by_variant(order),
    }
    about = f"{title} by {axis}, one line per seed"
    return chart(about, columns, [line, point], shared, height=210, transform=[taken_apart])


def confusion(
    frame: pd.DataFrame, names: Sequence[str], system: str, *, tile: tuple[int, int] | None = None
) -> Spec:
    """One system's confusion matrix, summed over seeds; each row shows the shares of its actual class.

    Args:
        frame: actual, predicted (both by name), count.
        names: classes in the order of rows and columns.
        tile: width and height in pixels, where so many classes need more width than the page has.
    """
    cells = frame.groupby(["actual", "predicted"])["count"].sum().reset_index()
    cells["share"] = cells["count"] / cells.groupby("actual")["count"].transform("sum").clip(lower=1)
    percent = quantity("share", format=".1%")
    facts = [*hover("actual", "predicted"), quantity("count", format=","), percent]
    ink = {"condition": {"test": "datum.share > 0.5", "value": "var(--paper)"}, "value": "var(--ink)"}
    text = mark("text", {"text": quantity("share", format=".0%"), "fill": ink}, fontSize=11 if tile else 13)
    rect = mark("rect", {"fillOpacity": share("share")}, fill="var(--heat)")
    if tile:  # noughts would hide what is confused
        text["transform"] = [{"filter": "datum.share >= 0.005"}]
        rect["mark"] |= {"stroke": "var(--line)", "strokeWidth": 0.5}
    side = {"domain": False, "ticks": False, "labelAngle": 0, "labelFontSize": 11 if tile else 12}
    shared = {
        "x": category("predicted", sort=list(names), axis=side),
        "y": category("actual", sort=list(names), axis=side),
        "tooltip": facts,
    }
    size = (
        {"width": {"step": tile[0]}, "height": {"step": tile[1]}} if tile else {"height": TILE * len(names)}
    )
    return chart(f"Confusion matrix of {system}", cells.to_dict("records"), [rect, text], shared, **size)


def _thinned(line: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Means of neighbouring points, where a line has more than can be drawn."""
    line = line.sort_values(axis)
    if len(line) <= POINTS:
        return line
    window = pd.Series(range(len(line)), index=line.index) * POINTS // len(line)
    means = line.groupby(window)[[axis, "value"]].mean()
    return means.assign(variant=line["variant"].iloc[0], seed=line["seed"].iloc[0])
