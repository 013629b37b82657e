"""Charts of a claim: its comparisons against their thresholds, or lines over a common axis."""

from collections.abc import Sequence
from typing import Any

from pipeline.claims.rows import ComparisonRow, FigureRow, LineRow
from pipeline.report.vega import Spec, category, chart, colour, given, hover, mark, measure, quantity

ROW = 46
"""Pixels of a comparison: its label, and below it the interval."""
POINTS = 150
"""Most points drawn of one line."""
SIDES = {"above": "var(--holds)", "below": "var(--refuted)", "unclear": "var(--unclear)"}
SHAPES = {"above": "circle", "below": "square", "unclear": "diamond"}


def forest(comparisons: Sequence[ComparisonRow], unit: str) -> Spec:
    """A row per comparison of one unit: label, interval, value and thresholds.

    Labels stand above the marks, not beside them: they are long, and a phone is narrow.
    """
    rows = [
        {
            "place": place,
            "label": one.label,
            "value": one.value,
            "low": one.low,
            "high": one.high,
            "above": one.above,
            "below": one.below,
            "seeds": " and ".join(str(count) for count in one.seeds if count),
            "side": one.side,
            "colour": SIDES[one.side],
        }
        for place, one in enumerate(comparisons)
    ]
    facts = hover("label", value=unit, low="95 % from", high="to", above="holds above", below="refuted below")
    facts += hover("seeds")
    # Below the label, which no stroke shall cross.
    stroke: dict[str, Any] = {
        "thickness": 2,
        "size": ROW - 20,
        "orient": "vertical",
        "color": "var(--ink)",
        "yOffset": 8,
    }
    other = [row for row in rows if row["above"] != row["below"]]
    bounded = [row for row in rows if row["low"] is not None and row["high"] is not None]
    shape = category("side", scale={"domain": list(SHAPES), "range": list(SHAPES.values())}, legend=None)
    layers = [
        mark("tick", {"x": quantity("above")}, **stroke),
        *([mark("tick", {"x": quantity("below")}, other, **stroke, opacity=0.45)] if other else []),
        mark(
            "rule",
            {"x": quantity("low"), "x2": {"field": "high"}, "color": given("colour")},
            bounded,
            strokeWidth=3,
            opacity=0.5,
            yOffset=8,
        ),
        mark(
            "point",
            {"x": quantity("value"), "color": given("colour"), "shape": shape},
            filled=True,
            size=110,
            opacity=1,
            yOffset=8,
        ),
        mark(
            "text",
            {"x": {"value": 0}, "text": category("label")},
            align="left",
            fill="var(--ink)",
            fontSize=12.5,
            yOffset=-12,
        ),
    ]
    shared = {
        "x": measure("value", unit),
        "y": category("place", axis=None, sort=None, scale={"paddingOuter": 0}),
        "tooltip": facts,
    }
    about = f"{unit}: each comparison with its 95 % interval and threshold"
    return chart(about, rows, layers, shared, height=ROW * len(rows))


def lines(figure: FigureRow, about: str) -> Spec:
    """One line per name, with a band where its points have intervals; hover finds the nearest point."""
    rows = [row for line in figure.lines for row in _points(line)]
    words = any(isinstance(row["x"], str) for row in rows)
    names = [line.name for line in figure.lines]
    hues = {"domain": names, "range": [colour(place) for place in range(len(names))]}
    scale = {"type": "log", "nice": False} if figure.logarithmic else {"nice": False, "zero": False}
    x = (
        category("x", sort=None, title=figure.x, axis={"labelAngle": 0})
        if words
        else quantity(
            "x", title=figure.x, scale=scale, axis={"tickCount": 6, "grid": False, "labelOverlap": True}
        )
    )
    banded = [row for row in rows if row["low"] is not None and row["high"] is not None]
    ends = {"y": quantity("low"), "y2": {"field": "high"}}
    look: dict[str, Any] = {"strokeWidth": 2, "opacity": 0.35} if words else {"opacity": 0.14}
    band = [mark("rule" if words else "area", ends, banded, **look)] if banded else []
    visible = {
        "condition": {"param": "near", "empty": False, "value": 1},
        "value": 1 if len(rows) <= 60 else 0,
    }
    point = mark("point", {"opacity": visible}, filled=True, size=50, tooltip={"content": "data"})
    near = {
        "type": "point",
        "nearest": True,
        "on": "pointerover",
        "clear": "pointerout",
        "fields": ["line", "x"],
    }
    point["params"] = [{"name": "near", "select": near}]
    shared = {"x": x, "y": measure("y", figure.y), "color": category("line", scale=hues, legend=None)}
    return chart(
        f"{figure.y} over {figure.x}. {about}",
        rows,
        [*band, mark("line", strokeWidth=2), point],
        shared,
        height=260,
    )


def _points(line: LineRow) -> list[dict[str, str | float | None]]:
    """Evenly spaced ones, where a line has more than can be drawn."""
    step = -(-len(line.points) // POINTS) or 1
    kept = [*line.points[:-1][::step], *line.points[-1:]]
    return [{"line": line.name, "x": x, "y": y, "low": low, "high": high} for x, y, low, high in kept]
