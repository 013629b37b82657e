"""Building blocks of Vega-Lite specifications, as https://vega.github.io/vega-lite/docs has them.

Plain dictionaries: a page of forty experiments holds a thousand charts, and builder libraries take longer
to check one than to draw it. No theme: colours are the page's CSS variables, so dark mode is free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]


@dataclass(frozen=True)
class Plot:
    """A chart and the id that ties it to its place on the page."""

    key: str
    title: str
    spec: Spec


Plots = dict[str, list[Plot]]

PALETTE = 8
"""Colours that the style sheet defines as --variant-0 …"""


def colour(position: int) -> str:
    """The CSS colour of the variant that stands at `position` in the grid."""
    return f"var(--variant-{position % PALETTE})"


def chart(about: str, rows: list[dict[Any, Any]], layers: list[Spec], shared: Spec, **size: Any) -> Spec:
    """Layers over the same rows, as wide as the page allows.

    Args:
        about: what a screen reader says of it.
        shared: the encoding that layers have in common.
        size: height, and width where it is not the page's.
    """
    content = {"data": data(rows), "encoding": shared, "layer": layers}
    return {"description": about, "width": "container", **size, **content}


def mark(
    kind: str, encoding: Spec | None = None, rows: list[dict[Any, Any]] | None = None, **look: Any
) -> Spec:
    """One layer; `rows` where they are not the chart's."""
    layer = {"mark": {"type": kind, **look}, "encoding": encoding or {}}
    return layer if rows is None else {"data": data(rows), **layer}


def data(rows: list[dict[Any, Any]]) -> Spec:
    return {"values": [{name: _short(value) for name, value in row.items()} for row in rows]}


def packed(rows: list[dict[Any, Any]]) -> tuple[list[dict[Any, Any]], Spec]:
    """The rows as one row of columns, which names a field once, and the transform that takes them apart."""
    names = list(rows[0])
    return [{name: [_short(row[name]) for row in rows] for name in names}], {"flatten": names}


def category(name: str, **more: Any) -> Spec:
    return {"field": name, "type": "nominal", **more}


def quantity(name: str, **more: Any) -> Spec:
    return {"field": name, "type": "quantitative", **more}


def hover(*names: str, **titled: str) -> list[Spec]:
    """A tooltip's lines: fields by their own name, then those that need a title."""
    plain = [category(name) for name in names]
    return plain + [category(name, title=title) for name, title in titled.items()]


def measure(name: str, title: str | None) -> Spec:
    """An axis for a score: it needs no zero, and marks keep off its ends."""
    return quantity(name, title=title, scale={"zero": False, "padding": 8}, axis={"tickCount": 6})


def systems(name: str, order: Sequence[str]) -> Spec:
    """One row per system, with its name in the margin."""
    axis = {"labelFontSize": 13, "labelPadding": 8, "domain": False, "ticks": False}
    return category(name, sort=list(order), title=None, axis=axis)


def given(name: str) -> Spec:
    """The field holds the colour itself."""
    return category(name, scale=None, legend=None)


def by_variant(order: Sequence[str]) -> Spec:
    """The colours that the page's own legends show."""
    scale = {"domain": list(order), "range": [colour(place) for place in range(len(order))]}
    return category("variant", scale=scale, legend=None)


def share(name: str) -> Spec:
    """A number from 0 to 1 as strength of colour: right on light paper and on dark."""
    return quantity(name, legend=None, scale={"domain": [0, 1], "range": [0, 1], "clamp": True})


def _short(value: Any) -> Any:
    """Five significant digits, and null for what is missing: keeps the page small and its JSON valid."""
    if isinstance(value, float):
        return None if value != value else float(f"{value:.5g}")
    return value
