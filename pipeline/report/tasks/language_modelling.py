"""What was learned by heart, which words are hard, lines with the surprise at each word, continuations."""

from collections.abc import Sequence

import pandas as pd

from pipeline.report.findings import System
from pipeline.report.lines import read_continued, read_lines
from pipeline.report.load import Study
from pipeline.report.tasks.part import Part, Scored
from pipeline.report.vega import Plot, Spec, by_variant, category, chart, colour, given, hover, mark, quantity
from pipeline.report.vega import systems as rows_of

PUBLISHED = (
    ("Zaremba et al. 2014, medium LSTM", "2 layers of 650", 82.7),
    ("Zaremba et al. 2014, large LSTM", "2 layers of 1500", 78.4),
    ("Gal and Ghahramani 2016, large LSTM, variational", "2 layers of 1500", 75.2),
    ("Merity et al. 2018, AWD-LSTM", "3 layers of 1150", 57.3),
)
"""System, size and perplexity on the test split of the Penn Treebank."""
ROW = 38
BUCKET = (14, 9)
"""Pixels of a class of words: at least, and for each variant."""


def part(scored: Scored) -> Part:
    study, order = scored.study, scored.order
    assert study.results
    memory = by_heart(study.results.tables["summary"], study.split, scored.systems)
    frequency = by_frequency(scored.tables["by_frequency"], order)
    plots = {
        "memory": [Plot(f"{study.name}-memory", "Seen and unseen text", memory)],
        "frequency": [Plot(f"{study.name}-frequency", "Perplexity by frequency", frequency)],
    }
    return Part(
        plots,
        samples=read_lines(scored.predictions, study.split, order),
        more=[published(study), read_continued(scored.predictions, study.split, order)],
    )


def published(study: Study) -> Sequence[tuple[str, str, float]]:
    """What others report for the very same text; nothing for any other."""
    assert study.results
    return PUBLISHED if study.results.provenance["reader"] == "ptb" else ()


def by_heart(summary: pd.DataFrame, split: str, found: Sequence[System]) -> Spec:
    """A line per system from its perplexity on training text (ring) to that on the test (disc)."""
    rows = summary[(summary["metric"] == "perplexity") & summary["split"].isin(["train", split])]
    means = rows.pivot_table(index="variant", columns="split", values="mean")
    hues = {
        system.name: "var(--baseline)" if system.baseline else colour(place)
        for place, system in enumerate(found)
    }
    lines = [
        {"system": name, "colour": hue, "seen": means["train"][name], "unseen": means[split][name]}
        for name, hue in hues.items()
        if name in means.index
    ]
    facts = hover("system", seen="on training text", unseen=f"on {split}")
    scale = {"type": "log", "nice": False, "padding": 12}
    x = quantity("seen", title="perplexity", scale=scale, axis={"tickCount": 6, "format": "~g"})
    layers = [
        mark("rule", {"x2": {"field": "unseen"}, "tooltip": facts}, strokeWidth=2, opacity=0.5),
        mark("point", {"tooltip": facts}, size=70, strokeWidth=1.6),
        mark("point", {"x": quantity("unseen"), "tooltip": facts}, filled=True, size=110, opacity=1),
    ]
    shared = {"x": x, "y": rows_of("system", list(hues)), "color": given("colour")}
    about = "Perplexity of each system on training text and on the test"
    return chart(about, lines, layers, shared, height=ROW * len(lines))


def by_frequency(frame: pd.DataFrame, order: Sequence[str]) -> Spec:
    """A row per class of words, the rarest on top, and in it a disc per variant: the mean over seeds."""
    shown = frame[frame["variant"].isin(order)].sort_values("low", kind="stable")
    groups = shown.groupby(["variant", "bucket"], sort=False)
    means = groups.agg(perplexity=("perplexity", "mean"), tokens=("tokens", "max")).reset_index()
    buckets = list(dict.fromkeys(shown["bucket"]))
    below = category("variant", sort=list(order))
    facts = hover("variant", "bucket", perplexity="mean perplexity", tokens="tokens of the test")
    point = mark("point", {"yOffset": below, "tooltip": facts}, filled=True, size=62, opacity=1)
    rows = rows_of("bucket", buckets)
    rows["axis"] |= {"grid": True, "tickBand": "extent"}
    scale = {"type": "log", "nice": False, "padding": 12}
    axis = {"tickCount": 6, "format": "~s"}
    shared = {
        "x": quantity("perplexity", title="perplexity, mean over seeds", scale=scale, axis=axis),
        "y": rows,
        "color": by_variant(order),
    }
    height = len(buckets) * (BUCKET[0] + BUCKET[1] * len(order))
    about = "Perplexity by how often a word stands in training"
    return chart(about, means.to_dict("records"), [point], shared, height=height)
