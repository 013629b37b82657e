"""A beam search as a tree: steps from left to right, the likeliest on top.

Its signal `step` is the last step that shows; the page's slider sets it.
"""

from dataclasses import dataclass

import pandas as pd

from pipeline.report.lines import END
from pipeline.report.samples import WORD_START
from pipeline.report.vega import Spec, category, chart, hover, mark, packed, quantity

ROW = 27
"""Pixels from one hypothesis to the next."""
LETTER, GAP = 7.4, 26
"""Pixels of a letter, and of the way from one word to the next."""
START = "<s>"
GROWN = "datum.step <= step"
SHOWN = {START: "start", END: "⏎"}
LOOKS: dict[str, tuple[Spec, Spec]] = {
    "dropped": ({"stroke": "var(--line)", "strokeWidth": 1}, {"fill": "var(--muted)", "opacity": 0.75}),
    "kept": ({"stroke": "var(--baseline)", "strokeWidth": 1.3}, {"fill": "var(--ink)"}),
    "finished": ({"stroke": "var(--baseline)", "strokeWidth": 1.3}, {"fill": "var(--ink)"}),
    "best": (
        {"stroke": "var(--accent)", "strokeWidth": 2.5},
        {"fill": "var(--accent)", "fontWeight": "bold"},
    ),
}
"""Fate -> how the way to a node and its word are drawn; what comes later lies above."""


@dataclass(frozen=True)
class Candidate:
    """One candidate of a step, in words."""

    before: str
    word: str
    total: float
    fate: str


def laid_out(rows: pd.DataFrame) -> pd.DataFrame:
    """The nodes of one search with their place: x in pixels, y the rank within the step, from 1.

    What the search tried after the winner had ended won nothing and is left out.

    Args:
        rows: node, parent, step, word, log_probability, total, score, fate.
    """
    last = rows.loc[rows["fate"] == "best", "step"].max()
    nodes = rows[rows["step"] <= last].set_index("node").sort_index()
    pieces = nodes["word"].str.startswith(WORD_START).any()
    texts: dict[int, str] = {}
    for node, parent, word in zip(nodes.index, nodes["parent"], nodes["word"], strict=True):
        so_far, blank = texts.get(parent, ""), "" if pieces else " "
        added = "" if word in SHOWN else word.replace(WORD_START, " ") if pieces else word
        texts[node] = f"{so_far}{blank}{added}".strip()
    shown = [_label(word, pieces) for word in nodes["word"]]
    widest = pd.Series([len(label) for label in shown], index=nodes.index).groupby(nodes["step"]).max()
    widths = widest * LETTER + GAP
    centres = (widths.cumsum() - widths / 2).round().astype(int)
    nodes = nodes.assign(
        shown=shown,
        text=pd.Series(texts),
        before=nodes["parent"].map(texts).fillna(""),
        x=nodes["step"].map(centres),
        y=nodes.groupby("step").cumcount() + 1,
    )
    before = nodes["parent"].where(nodes["parent"] >= 0, nodes.index[0])
    return nodes.assign(from_x=before.map(nodes["x"]), from_y=before.map(nodes["y"]))


def tree(nodes: pd.DataFrame, name: str) -> Spec:
    """Words where `laid_out` has put them, each tied to the word before it."""
    width, ranks = round(nodes["x"].max() + 40), int(nodes["y"].max())
    rows = nodes.assign(
        outcome=[
            fate if pd.isna(score) else f"{fate}, score {score:.4g}"
            for fate, score in zip(nodes["fate"], nodes["score"], strict=True)
        ]
    )
    columns = ["step", "x", "y", "from_x", "from_y", "shown", "text", "fate", "outcome"]
    drawn, taken_apart = packed(rows[[*columns, "log_probability", "total"]].to_dict("records"))
    fixed = {"nice": False, "zero": False}
    shared = {
        "x": quantity("x", axis=None, scale={"domain": [0, width], **fixed}),
        "y": quantity("y", axis=None, scale={"domain": [0.5, ranks + 0.5], "reverse": True, **fixed}),
    }
    ends = {"x": quantity("from_x"), "y": quantity("from_y"), "x2": {"field": "x"}, "y2": {"field": "y"}}
    facts = hover(text="so far", log_probability="log-probability of the word")
    facts += hover(total="log-probability so far", outcome="fate")
    label = {"text": category("shown"), "tooltip": facts}
    paper = mark("text", label, stroke="var(--paper)", strokeWidth=6, fontSize=13)
    layers = [
        *(_of(fate, mark("rule", ends, **line), "datum.step > 0") for fate, (line, _) in LOOKS.items()),
        paper | {"transform": [{"filter": GROWN}]},
        *(_of(fate, mark("text", label, fontSize=13, **word)) for fate, (_, word) in LOOKS.items()),
    ]
    about = f"Beam search of {name} as a tree, from left to right"
    spec = chart(about, drawn, layers, shared, width=width, height=ROW * ranks)
    signal = {"name": "step", "value": int(nodes["step"].max())}
    return spec | {"transform": [taken_apart], "params": [signal]}


def _of(fate: str, layer: Spec, *conditions: str) -> Spec:
    test = " && ".join([GROWN, f"datum.fate === '{fate}'", *conditions])
    return layer | {"transform": [{"filter": test}]}


def by_step(nodes: pd.DataFrame) -> list[list[Candidate]]:
    """The candidates of each step but the start, likeliest first."""
    return [
        [Candidate(row["before"], row["shown"], row["total"], row["fate"]) for row in own.to_dict("records")]
        for step, own in nodes.groupby("step")
        if step
    ]


def _label(word: str, pieces: bool) -> str:
    """Pieces of words marked where they continue one, instead of where one starts; marks stand alone."""
    if word in SHOWN or not pieces:
        return SHOWN.get(word, word)
    if word.startswith(WORD_START):
        return word.removeprefix(WORD_START) or WORD_START
    return f"·{word}" if word[0].isalnum() else word
