"""Errors by number of digits and by speaker, search, and sounds with where attention listened."""

from collections.abc import Sequence

import pandas as pd

from pipeline.report.findings import System
from pipeline.report.pictures import read_pictures
from pipeline.report.tasks.part import Part, Scored
from pipeline.report.tasks.translation import greedy_against_beam
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

LABEL = "word error rate"
ROW = (12, 8)
"""Pixels of a speaker's row: at least, and for each system."""


def part(scored: Scored) -> Part:
    name = scored.study.name
    assert scored.study.results
    table, shown = scored.study.results.tables["by_speaker"], _best(scored.systems)
    speakers = by_speaker(table, scored.study.dataset.tests, shown)
    digits = by_digits(scored.tables["by_digits"], shown, scored.order)
    plots = {
        "digits": [Plot(f"{name}-digits", "Errors by number of digits", digits)],
        "speakers": [Plot(f"{name}-speakers", "Errors by speaker", speakers)],
        "search": [],
    }
    searched = [system for system in scored.systems if "wer_greedy" in system.scores]
    if searched and scored.study.experiment.model_dump()["decoding"]["beam"] > 1:
        search = greedy_against_beam(searched, "wer")
        plots["search"] = [Plot(f"{name}-search", "Greedy and beam search", search)]
    sounds = read_pictures(scored.predictions, scored.study.split, scored.order)
    return Part(plots, sorted(sounds, key=lambda sound: len(sound.references[0].split())))


def _best(found: Sequence[System]) -> list[System]:
    """The variants, and of the baselines the one with the fewest errors: guesses would stretch the scale."""
    baselines = [system for system in found if system.baseline]
    best = sorted(baselines, key=lambda system: system.scores["wer"].mean)[:1]
    return [*(system for system in found if not system.baseline), *best]


def by_digits(frame: pd.DataFrame, found: Sequence[System], order: Sequence[str]) -> Spec:
    """A line per variant, the mean over seeds; thin ones per seed; baselines dashed."""
    frame = frame[frame["variant"].isin([system.name for system in found])]
    means = frame.groupby(["variant", "digits"], sort=False)["wer"].mean().reset_index()
    ours = means["variant"].isin(order)
    seeds = frame[frame["variant"].isin(order)]
    facts = hover("variant", "digits", wer=f"mean {LABEL}")
    others = {"color": {"value": "var(--muted)"}, "detail": category("variant"), "tooltip": facts}
    rest = means[~ours].to_dict("records")
    layers = [
        *([mark("line", others, rest, strokeDash=[4, 4], strokeWidth=1.2)] if rest else []),
        mark("line", {"detail": category("seed")}, seeds.to_dict("records"), strokeWidth=0.8, opacity=0.35),
        mark("line", strokeWidth=2.2),
        mark("point", {"tooltip": facts}, filled=True, size=60, opacity=1),
    ]
    shared = {
        "x": quantity(
            "digits",
            title="digits",
            scale={"nice": False, "padding": 10, "zero": False},
            axis={"values": sorted(set(map(int, means["digits"]))), "format": "d", "grid": False},
        ),
        "y": measure("wer", LABEL),
        "color": by_variant(order),
    }
    about = "Word error rate by number of digits"
    return chart(about, means[ours].to_dict("records"), layers, shared, height=280)


def by_speaker(frame: pd.DataFrame, splits: Sequence[str], found: Sequence[System]) -> Spec:
    """A row per speaker of the test splits, and in it a disc per system: the mean over its seeds."""
    hues = {
        system.name: "var(--baseline)" if system.baseline else colour(place)
        for place, system in enumerate(found)
    }
    shown = frame[frame["split"].isin(splits) & frame["variant"].isin(hues)]
    means = shown.groupby(["split", "speaker", "variant"], sort=False)["wer"].mean().reset_index()
    named = means.assign(who=means["speaker"] + " · " + means["split"].str.replace("_", " "))
    rows = [line | {"colour": hues[line["variant"]]} for line in named.to_dict("records")]
    speakers = list(
        dict.fromkeys(
            named.sort_values("split", key=lambda s: s.map(list(splits).index), kind="stable")["who"]
        )
    )
    facts = hover("variant", "who", wer=f"mean {LABEL}")
    below = category("variant", sort=list(hues))
    point = mark("point", {"yOffset": below, "tooltip": facts}, filled=True, size=62, opacity=1)
    side = systems("who", speakers)
    side["axis"] |= {"grid": True, "tickBand": "extent"}  # lines between the rows
    shared = {"x": measure("wer", LABEL), "y": side, "color": given("colour")}
    height = len(speakers) * (ROW[0] + ROW[1] * len(hues))
    return chart("Word error rate by speaker", rows, [point], shared, height=height)
