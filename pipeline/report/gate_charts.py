"""Charts of gates and states while a network reads a sentence.

Their signal `step` is the word that the page's slider names.
"""

from collections.abc import Sequence

import pandas as pd

from pipeline.report.vega import Spec, category, chart, hover, mark, packed, quantity, share

ROW = 30
"""Pixels of a row that stands for a gate or a state."""
GATE = " gate"
"""How the name of a quantity between 0 and 1 ends."""
ENDS = ["low", "q1", "median", "q3", "high"]
CHOSEN = {"filter": "datum.step === step"}
FACTS = hover("word", "quantity", *ENDS)


def over_words(rows: pd.DataFrame, name: str) -> Spec:
    """A row per gate and state, a column per word: how open the median unit is, how far the units are apart.

    Args:
        rows: layer, step, word, quantity, low, q1, median, q3, high of one network.
    """
    cells, taken_apart, order = _cells(rows)
    # A position in front keeps two equal words apart; the label drops it again.
    place = {"calculate": "format(datum.step, '03d') + datum.word", "as": "place"}
    words = {"labelExpr": "slice(datum.value, 3)", "labelFontSize": 13, "labelLimit": 120, "labelPadding": 6}
    x = category(
        "place",
        title=None,
        axis={"orient": "top", "labelAngle": -50, "domain": False, "ticks": False} | words,
    )
    y = category("quantity", sort=order, title=None, axis=_names())
    tile = {"y": y, "fillOpacity": share("strength"), "tooltip": FACTS}
    column = mark("rect", fill=None, stroke="var(--ink)", strokeWidth=1.5) | {"transform": [CHOSEN]}
    layers = [mark("rect", tile, fill="var(--heat)", stroke="var(--line)", strokeWidth=0.5), column]
    about = f"Gates and states of {name}, one column for each word"
    spec = chart(about, cells, layers, {"x": x}, height=ROW * len(order)) | {
        "transform": [taken_apart, place]
    }
    return _stepped(spec, rows)


def at_a_word(rows: pd.DataFrame, name: str) -> Spec:
    """The units of each gate and state at the chosen word: their ends, quartiles and median.

    Args:
        rows: as of `over_words`.
    """
    cells, taken_apart, order = _cells(rows)
    ends = [min(-1.0, float(rows["low"].min())), max(1.0, float(rows["high"].max()))]
    x = quantity(
        "low", title="value of the units", scale={"domain": ends, "nice": False}, axis={"tickCount": 5}
    )
    layers = [
        mark("rule", {"x2": {"field": "high"}}, strokeWidth=1.5, opacity=0.6),
        mark("bar", {"x": quantity("q1"), "x2": {"field": "q3"}}, height=12, opacity=0.55),
        mark("tick", {"x": quantity("median"), "color": {"value": "var(--ink)"}}, thickness=2.5, size=18),
    ]
    shared = {
        "x": x,
        "y": category("quantity", sort=order, title=None, axis=_names()),
        "color": {"value": "var(--heat)"},
        "tooltip": FACTS,
    }
    about = f"Units of {name} at one word: ends, quartiles and median"
    spec = chart(about, cells, layers, shared, height=ROW * len(order)) | {"transform": [taken_apart, CHOSEN]}
    return _stepped(spec, rows)


def answered(rows: pd.DataFrame) -> list[str]:
    """What the network says after each word, with its probability."""
    ordered = rows.sort_values("step")
    return [
        f"{answer} {probability:.2f}"
        for answer, probability in zip(ordered["answer"], ordered["probability"], strict=True)
    ]


def _stepped(spec: Spec, rows: pd.DataFrame) -> Spec:
    """With the signal, which starts at the last word."""
    return spec | {"params": [{"name": "step", "value": int(rows["step"].max())}]}


def _cells(rows: pd.DataFrame) -> tuple[list[dict[str, object]], Spec, Sequence[str]]:
    """The charts' data, packed, and the names of their rows in order.

    `strength`: of a gate its median; a state's median is near zero whatever it holds, so of a state how far
    its quartiles are apart, as a share of the furthest.
    """
    named = rows["quantity"]
    if rows["layer"].nunique() > 1:
        named = named + ", layer " + rows["layer"].astype(str)
    apart = rows["q3"] - rows["q1"]
    relative = apart / apart.groupby(named).transform("max").where(lambda most: most > 0, 1.0)
    cells = rows.assign(
        quantity=named,
        strength=rows["median"].where(rows["quantity"].str.endswith(GATE), relative),
    )
    columns = ["step", "word", "quantity", *ENDS, "strength"]
    return *packed(cells[columns].round(3).to_dict("records")), list(dict.fromkeys(named))


def _names() -> Spec:
    return {"labelFontSize": 13, "labelPadding": 8, "domain": False, "ticks": False}
