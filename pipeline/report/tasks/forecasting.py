"""Errors by horizon beside published ones, errors by channel, and forecasts over what came."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from pipeline.config.schema.datasets import Series
from pipeline.report.ahead import Ahead, read_ahead
from pipeline.report.findings import Score, System
from pipeline.report.load import Study
from pipeline.report.tasks.part import Part, Scored
from pipeline.report.vega import (
    Plot,
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
    systems,
)

PUBLISHED = {
    1: {
        "LSTMa": {24: (0.114, 0.272), 48: (0.193, 0.358), 168: (0.236, 0.392), 336: (0.580, 0.698)}
        | {720: (0.683, 0.768)},
        "Informer": {24: (0.098, 0.247), 48: (0.158, 0.319), 168: (0.183, 0.346), 336: (0.222, 0.387)}
        | {720: (0.269, 0.435)},
    },
    7: {
        "LSTMa": {24: (0.650, 0.624), 48: (0.702, 0.675), 168: (1.212, 0.867), 336: (1.424, 0.994)}
        | {720: (1.960, 1.322)},
        "Informer": {24: (0.577, 0.549), 48: (0.685, 0.625), 168: (0.931, 0.752), 336: (1.128, 0.873)}
        | {720: (1.215, 0.896)},
    },
}
"""Channels -> system -> horizon -> MSE, MAE on ETTh1's test part: Zhou et al. 2021, Tables 1 and 2."""
HEIGHT = 330
LABEL = 15
"""Pixels that a name beside the end of its line takes."""
ROW = (14, 9)
"""Pixels of a channel's row: at least, and for each variant."""


@dataclass(frozen=True)
class Row:
    """A system's scores by horizon; `kind` is model, baseline or published."""

    name: str
    kind: str
    scores: list[Score | None]


@dataclass(frozen=True)
class HorizonTable:
    """`metric`: mse or mae."""

    metric: str
    horizons: list[int]
    rows: list[Row]


def part(scored: Scored) -> Part:
    study, order = scored.study, scored.order
    assert isinstance(study.dataset, Series)
    tables = [_table(metric, study, scored.systems) for metric in ("mse", "mae")]
    plots = {"horizons": [Plot(f"{study.name}-horizons", "Error by horizon", by_horizon(tables[0], order))]}
    if len(study.dataset.columns) > 1:
        channels = by_channel(scored.tables["by_channel"], study.dataset.columns, order)
        plots["channels"] = [Plot(f"{study.name}-channels", "Error by channel", channels)]
    else:
        plots["channels"] = []
    found = read_ahead(scored.predictions, study.split, order, study.dataset.columns)
    plots["ahead"] = [
        Plot(f"{study.name}-ahead-{place}", each.title, over_time(each, order))
        for place, each in enumerate(found)
    ]
    return Part(plots, more=tables)


def published(study: Study) -> dict[str, dict[int, tuple[float, float]]]:
    """What others report for the very same windows; nothing for any other series or split."""
    dataset = study.dataset
    assert isinstance(dataset, Series)
    assert study.results
    same = (dataset.series, dataset.train, dataset.validation, dataset.test) == ("etth1", 8640, 2880, 2880)
    if not same or study.results.provenance["reader"] != "ett":
        return {}
    if len(dataset.columns) == 1 and dataset.columns != ["OT"]:
        return {}
    return PUBLISHED.get(len(dataset.columns), {})


def _table(metric: str, study: Study, found: Sequence[System]) -> HorizonTable:
    assert isinstance(study.dataset, Series)
    horizons = study.dataset.horizons
    rows = [
        Row(
            system.name,
            "baseline" if system.baseline else "model",
            [system.scores.get(f"{metric}_{horizon}") for horizon in horizons],
        )
        for system in found
    ]
    place = ("mse", "mae").index(metric)
    rows += [
        Row(
            name,
            "published",
            [Score(known[h][place], None, None, 1) if h in known else None for h in horizons],
        )
        for name, known in published(study).items()
    ]
    return HorizonTable(metric, horizons, rows)


def by_horizon(table: HorizonTable, order: Sequence[str]) -> Spec:
    """A line per system over the horizons, both axes logarithmic; names stand at the lines' ends."""
    rows: list[dict[Any, Any]] = []
    ends: list[dict[Any, Any]] = []
    for row in table.rows:
        scored = [(h, score) for h, score in zip(table.horizons, row.scores, strict=True) if score]
        if not scored:
            continue
        look = {"system": row.name, "kind": row.kind, "colour": _hue(row, order)}
        rows += [look | {"horizon": h, "value": s.mean, "low": s.low, "high": s.high} for h, s in scored]
        ends.append(look | {"horizon": scored[-1][0], "value": scored[-1][1].mean})
    values = [row["value"] for row in rows]
    span = [0.9 * min(values), 1.1 * max(values)]
    heights = apart([end["value"] for end in ends], span, HEIGHT // LABEL)
    labels = [end | {"place": height} for end, height in zip(ends, heights, strict=True)]
    scale = {"type": "log", "domain": span, "nice": False}
    marks = {"values": _ticks(span), "format": "~g", "title": "MSE"}
    error = quantity("value", scale=scale, axis=marks)
    dashes = {
        "condition": [
            {"test": "datum.kind == 'baseline'", "value": [6, 4]},
            {"test": "datum.kind == 'published'", "value": [2, 3]},
        ],
        "value": [1, 0],
    }
    facts = hover("system", horizon="hours", value="MSE", low="95 % from", high="to")
    line = {"detail": category("system"), "strokeDash": dashes, "y": error}
    x = quantity(
        "horizon",
        title="mean over the first hours",
        scale={"type": "log", "nice": False, "padding": 8},
        axis={"values": table.horizons, "format": "d", "grid": False},
    )
    place = quantity("place", scale=scale, axis=marks)
    layers = [
        mark("line", line, strokeWidth=2),
        mark("point", {"y": error, "tooltip": facts}, filled=True, size=55, opacity=1),
        mark("text", {"y": place, "text": category("system")}, labels, align="left", dx=9, fontSize=12),
    ]
    about = "Mean squared error over the first hours of a forecast, by system"
    shared = {"x": x, "color": given("colour")}
    spec = chart(about, rows, layers, shared, height=HEIGHT)
    return spec | {"padding": {"right": 90, "left": 5, "top": 5, "bottom": 5}}


def apart(values: Sequence[float], span: Sequence[float], rows: int) -> list[float]:
    """Places near the values on a logarithmic axis, each at least one of `rows` away from the next."""
    gap = (np.log(span[1]) - np.log(span[0])) / rows
    places = np.log(values)
    ranked = np.argsort(places, kind="stable")
    for lower, upper in pairwise(ranked):
        places[upper] = max(places[upper], places[lower] + gap)
    # What was pushed over the top comes down again, and pushes what is below it.
    places[ranked[-1]] = min(places[ranked[-1]], np.log(span[1]))
    for upper, lower in pairwise(ranked[::-1]):
        places[lower] = min(places[lower], places[upper] - gap)
    return [float(place) for place in np.exp(places)]


def _ticks(span: Sequence[float]) -> list[float]:
    ticks = [round(step * 10.0**power, 6) for power in range(-4, 3) for step in (1, 2, 5)]
    return [tick for tick in ticks if span[0] <= tick <= span[1]]


def _hue(row: Row, order: Sequence[str]) -> str:
    if row.kind == "model":
        return colour(list(order).index(row.name))
    return "var(--baseline)" if row.kind == "baseline" else "var(--muted)"


def by_channel(frame: pd.DataFrame, channels: Sequence[str], order: Sequence[str]) -> Spec:
    """A row per channel, and in it a disc per variant: the mean over horizons and seeds."""
    means = frame[frame["variant"].isin(order)].groupby(["variant", "channel"], sort=False)["mse"].mean()
    below = category("variant", sort=list(order))
    facts = hover("variant", "channel", mse="mean MSE")
    point = mark("point", {"yOffset": below, "tooltip": facts}, filled=True, size=62, opacity=1)
    rows = systems("channel", channels)
    rows["axis"] |= {"grid": True, "tickBand": "extent"}
    shared = {"x": measure("mse", "MSE, mean over horizons"), "y": rows, "color": by_variant(order)}
    height = len(channels) * (ROW[0] + ROW[1] * len(order))
    found = means.reset_index().to_dict("records")
    return chart("Mean squared error by channel", found, [point], shared, height=height)


def over_time(shown: Ahead, order: Sequence[str]) -> Spec:
    """What came as a thin line, and each variant's forecast over it; 0 is the first hour forecast."""
    actual = [{"hour": hour, "value": value} for hour, value in shown.actual]
    rows = [
        {"variant": name, "hour": hour, "value": value}
        for name, points in shown.forecasts.items()
        for hour, value in points
    ]
    ink = {"value": "var(--ink)"}
    layers = [
        mark("rule", {"color": ink, "y": None}, [{"hour": 0}], strokeWidth=0.8, strokeDash=[3, 3]),
        mark("line", {"color": ink}, actual, strokeWidth=1, opacity=0.75),
        mark("line", {"color": by_variant(order)}, strokeWidth=1.8, opacity=0.9),
    ]
    axis = {"tickCount": 8, "grid": False}
    shared = {"x": quantity("hour", title="hours ahead", axis=axis, scale={"nice": False})}
    shared["y"] = measure("value", shown.channel)
    return chart(f"Forecasts of {shown.title}", rows, layers, shared, height=190)
