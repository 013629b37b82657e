"""The page's charts: tidy tables -> Vega-Lite specifications."""

from collections.abc import Sequence

import pandas as pd

from pipeline.report.findings import System
from pipeline.report.metrics import metric_of
from pipeline.report.samples import Alignment
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
    quantity,
    share,
    systems,
)

POINTS = 150
"""Most points drawn of one curve."""
ROW = 38
"""Pixels of a row that stands for a system."""
TAG = 24
"""Pixels of a row that stands for a tag."""
TILE = 44
"""Pixels of a confusion matrix's row."""
CELLS = (23, 44, 340)
"""A heat map's cell: fewest and most pixels, and the pixels that its longer side should fill."""


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
    return chart(f"{title} by {axis}, one line per seed", rows, [line, point], shared, height=210)


def reliability(frame: pd.DataFrame, order: Sequence[str]) -> Spec:
    """Share of right answers against confidence, all seeds pooled; the diagonal is perfect calibration."""
    bins = frame[frame["count"] > 0].copy()
    bins[["confidence", "accuracy"]] = bins[["confidence", "accuracy"]].mul(bins["count"], axis=0)
    groups = bins.groupby(["variant", "bin"], sort=False)
    pooled = groups[["confidence", "accuracy", "count"]].sum().reset_index()
    pooled[["confidence", "accuracy"]] = pooled[["confidence", "accuracy"]].div(pooled["count"], axis=0)
    start = 0.5 if pooled["confidence"].min() >= 0.5 else 0.0
    ends = [{"confidence": end, "accuracy": end} for end in (start, 1.0)]
    ideal = mark("line", {"color": {"value": "var(--muted)"}}, ends, strokeDash=[4, 4], strokeWidth=1)
    size = quantity("count", legend=None, scale={"range": [15, 160]})
    facts = hover("variant", "confidence", accuracy="share right", count="texts, all seeds")
    point = mark("point", {"size": size, "tooltip": facts}, filled=True, opacity=0.9)
    shared = {
        "x": quantity("confidence", scale={"domain": [start, 1]}),
        "y": measure("accuracy", "share right"),
        "color": by_variant(order),
    }
    layers = [ideal, mark("line", strokeWidth=1.5, opacity=0.7), point]
    about = "Reliability: share right against confidence"
    return chart(about, pooled.to_dict("records"), layers, shared, height=300)


def confusion(frame: pd.DataFrame, classes: Sequence[str], system: str) -> Spec:
    """One system's confusion matrix, summed over seeds; each row shows the shares of its actual class.

    Args:
        frame: actual, predicted (as places in `classes`), count.
    """
    cells = frame.groupby(["actual", "predicted"])["count"].sum().reset_index()
    cells["share"] = cells["count"] / cells.groupby("actual")["count"].transform("sum").clip(lower=1)
    for column in ("actual", "predicted"):
        cells[column] = [classes[place] for place in cells[column]]
    percent = quantity("share", format=".1%")
    facts = [*hover("actual", "predicted"), quantity("count", format=","), percent]
    ink = {"condition": {"test": "datum.share > 0.5", "value": "var(--paper)"}, "value": "var(--ink)"}
    text = mark("text", {"text": quantity("share", format=".0%"), "fill": ink}, fontSize=13)
    tile = mark("rect", {"fillOpacity": share("share")}, fill="var(--heat)")
    side = {"domain": False, "ticks": False, "labelAngle": 0}
    shared = {
        "x": category("predicted", sort=list(classes), axis=side),
        "y": category("actual", sort=list(classes), axis=side),
        "tooltip": facts,
    }
    about = f"Confusion matrix of {system}"
    return chart(about, cells.to_dict("records"), [tile, text], shared, height=TILE * len(classes))


def by_tag(frame: pd.DataFrame, names: Sequence[str], order: Sequence[str]) -> Spec:
    """F1 of each tag, the most frequent one on top: a disc per system, the mean over its seeds.

    Args:
        names: systems as the table lists them, of which `order` are variants and have colours.
    """
    groups = frame.groupby(["variant", "tag"], sort=False)
    means = groups.agg(f1=("f1", "mean"), support=("support", "max")).reset_index()
    tags = list(dict.fromkeys(means.sort_values(["support", "tag"], ascending=[False, True])["tag"]))
    hues = {name: colour(order.index(name)) if name in order else "var(--baseline)" for name in names}
    rows = [row | {"colour": hues[row["variant"]]} for row in means.to_dict("records")]
    facts = hover("variant", "tag", f1="F1", support="in the reference")
    shared = {"x": measure("f1", "F1"), "y": systems("tag", tags), "color": given("colour")}
    line = mark("line", {"detail": category("tag"), "color": {"value": "var(--line)"}}, strokeWidth=1)
    point = mark("point", {"tooltip": facts}, filled=True, size=70, opacity=0.9)
    return chart("F1 by tag", rows, [line, point], shared, height=TAG * len(tags))


def bleu_by_length(frame: pd.DataFrame, order: Sequence[str]) -> Spec:
    """Mean BLEU over seeds in each bucket of source length, and each seed as a thin line."""
    buckets = list(dict.fromkeys(frame.sort_values("low")["bucket"]))
    groups = frame.groupby(["variant", "bucket"], sort=False)
    means = groups.agg(bleu=("bleu", "mean"), sentences=("sentences", "max")).reset_index()
    seeds = frame[["variant", "bucket", "seed", "bleu"]].to_dict("records")
    facts = hover("variant", bucket="words", bleu="mean BLEU", sentences="sentences")
    layers = [
        mark("line", {"detail": category("seed")}, seeds, strokeWidth=0.8, opacity=0.4),
        mark("line", strokeWidth=2.2),
        mark("point", {"tooltip": facts}, filled=True, size=80, opacity=1),
    ]
    shared = {
        "x": category("bucket", sort=buckets, title="source words", axis={"labelAngle": 0}),
        "y": measure("bleu", "BLEU"),
        "color": by_variant(order),
    }
    return chart("BLEU by source length", means.to_dict("records"), layers, shared, height=280)


def greedy_against_beam(found: Sequence[System]) -> Spec:
    """For each variant its BLEU with greedy decoding (ring) and with beam search (disc)."""
    rows = [
        {"variant": system.name, "colour": colour(place), "search": search, "bleu": score.mean}
        for place, system in enumerate(found)
        for search, metric in (("greedy", "bleu_greedy"), ("beam", "bleu"))
        if (score := system.scores.get(metric))
    ]
    fill = {"condition": {"test": "datum.search == 'beam'", **given("colour")}, "value": "var(--paper)"}
    ends = {"fill": fill, "tooltip": hover("variant", "search", bleu="mean BLEU")}
    layers = [
        mark("line", {"detail": category("variant")}, strokeWidth=2, opacity=0.5),
        mark("point", ends, size=90, opacity=1),
    ]
    shared = {
        "x": measure("bleu", "BLEU, mean over seeds"),
        "y": systems("variant", [system.name for system in found]),
        "color": given("colour"),
    }
    about = "BLEU with greedy and with beam search"
    return chart(about, rows, layers, shared, height=ROW * len(found))


def heat_map(alignment: Alignment, variant: str) -> Spec:
    """Attention weights with the source words across and the produced words down."""
    # A position in front keeps two equal words apart; the label drops it again.
    source = [f"{place:03d}{word}" for place, word in enumerate(alignment.source)]
    target = [f"{place:03d}{word}" for place, word in enumerate(alignment.target)]
    cells = [
        {"x": x, "y": y, "from": x[3:], "to": y[3:], "weight": float(weight)}
        for y, row in zip(target, alignment.weights, strict=True)
        for x, weight in zip(source, row, strict=True)
    ]
    words = {"labelExpr": "slice(datum.value, 3)", "labelFontSize": 13, "labelLimit": 120, "labelPadding": 6}
    words |= {"domain": False, "ticks": False}
    shared = {
        "x": category("x", title=None, axis={"orient": "top", "labelAngle": -50, **words}),
        "y": category("y", title=None, axis=words),
        "fillOpacity": share("weight"),
        "tooltip": [*hover(to="output"), category("from", title="source"), quantity("weight", format=".3f")],
    }
    tile = mark("rect", fill="var(--heat)", stroke="var(--line)", strokeWidth=0.5)
    least, most, wanted = CELLS
    side = {"step": max(least, min(most, wanted // max(alignment.weights.shape)))}
    about = f"Attention of {variant}: output words down, source words across"
    return chart(about, cells, [tile], shared, width=side, height=side)


def _thinned(line: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Means of neighbouring points, where a line has more than can be drawn."""
    line = line.sort_values(axis)
    if len(line) <= POINTS:
        return line
    window = pd.Series(range(len(line)), index=line.index) * POINTS // len(line)
    means = line.groupby(window)[[axis, "value"]].mean()
    return means.assign(variant=line["variant"].iloc[0], seed=line["seed"].iloc[0])
