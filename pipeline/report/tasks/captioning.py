"""Which things are seen, search, and pictures with their captions."""

from collections.abc import Sequence

import pandas as pd

from pipeline.report.findings import System
from pipeline.report.pictures import read_pictures
from pipeline.report.tasks.part import Part, Scored
from pipeline.report.tasks.translation import greedy_against_beam
from pipeline.report.vega import Plot, Spec, category, chart, colour, given, hover, mark, quantity, systems

ROW = (11, 7)
"""Pixels of a word's row: at least, and for each system."""


def part(scored: Scored) -> Part:
    name = scored.study.name
    shown = words_said(scored.tables["words"], scored.systems)
    searched = [system for system in scored.systems if "cider_greedy" in system.scores]
    search = [Plot(f"{name}-search", "Greedy and beam search", greedy_against_beam(searched, "cider"))]
    return Part(
        plots={
            "words": [Plot(f"{name}-words", "Words that are said", shown)],
            "search": search if searched else [],
        },
        samples=read_pictures(scored.predictions, scored.study.split, scored.order),
    )


def words_said(frame: pd.DataFrame, found: Sequence[System]) -> Spec:
    """A row per word, the most frequent on top, and in it a disc per system: the mean over its seeds of the
    share of pictures, whose references agree on the word, that have it in their caption."""
    hues = {
        system.name: "var(--baseline)" if system.baseline else colour(place)
        for place, system in enumerate(found)
    }
    shown = frame[frame["variant"].isin(hues)]
    words = list(dict.fromkeys(shown.sort_values("pictures", ascending=False, kind="stable")["word"]))
    groups = shown.groupby(["variant", "word"], sort=False)
    means = groups.agg(
        recall=("recall", "mean"), precision=("precision", "mean"), pictures=("pictures", "max")
    ).reset_index()
    rows = [line | {"colour": hues[line["variant"]]} for line in means.to_dict("records")]
    facts = [
        *hover("variant", "word", pictures="pictures with it"),
        quantity("recall", title="said of", format=".0%"),
        quantity("precision", title="rightly", format=".0%"),
    ]
    below = category("variant", sort=list(hues))
    point = mark("point", {"yOffset": below, "tooltip": facts}, filled=True, size=62, opacity=1)
    side = systems("word", words)
    side["axis"] |= {"grid": True, "tickBand": "extent"}  # lines between the rows
    shared = {
        "x": quantity(
            "recall", title="share of its pictures", scale={"domain": [0, 1]}, axis={"format": "%"}
        ),
        "y": side,
        "color": given("colour"),
    }
    height = len(words) * (ROW[0] + ROW[1] * len(hues))
    return chart("How often each word is said of its pictures", rows, [point], shared, height=height)
