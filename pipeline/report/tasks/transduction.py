"""Scores by group of rows beside published ones, search, answers and attention."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.report.findings import System
from pipeline.report.format import unique
from pipeline.report.load import Study
from pipeline.report.metrics import metric_of
from pipeline.report.tasks.part import Part, Scored
from pipeline.report.tasks.translation import greedy_against_beam, heat_maps, samples_of
from pipeline.report.vega import Plot, Spec, by_variant, category, chart, hover, mark, measure, systems

ROW = (12, 8)
"""Pixels of a group's row: at least, and for each variant."""
LSTM_OF_WESTON = {
    "single supporting fact": 0.50,
    "two supporting facts": 0.20,
    "three supporting facts": 0.20,
    "two arg relations": 0.61,
    "three arg relations": 0.70,
    "yes no questions": 0.48,
    "counting": 0.49,
    "lists sets": 0.45,
    "simple negation": 0.64,
    "indefinite knowledge": 0.44,
    "basic coreference": 0.72,
    "conjunction": 0.74,
    "compound coreference": 0.94,
    "time reasoning": 0.27,
    "basic deduction": 0.21,
    "basic induction": 0.23,
    "positional reasoning": 0.51,
    "size reasoning": 0.52,
    "path finding": 0.08,
    "agents motivations": 0.91,
}
PUBLISHED: dict[str, tuple[str, Mapping[str, float], str]] = {
    "babi": (
        "LSTM",
        LSTM_OF_WESTON,
        "Weston et al. 2015, Table 3; the same questions, but there a network is trained for each task.",
    )
}
"""Reader -> system, its score by group, and where that stands."""


@dataclass(frozen=True)
class Row:
    """`values`: by system, then by published one; None where there is no score."""

    group: str
    rows: int
    values: list[float | None]


@dataclass(frozen=True)
class GroupTable:
    """Mean scores by group; `published`: names, `source`: where those scores stand."""

    metric: str
    systems: list[str]
    published: list[str]
    source: str
    rows: list[Row]


def part(scored: Scored) -> Part:
    study, order = scored.study, scored.order
    table = group_table(study, scored.tables["by_group"], scored.systems)
    groups = Plot(f"{study.name}-groups", "Score by group", by_group(table, order))
    # Texts may all be of about one length, and then there is nothing to tell apart.
    plots = {"groups": [groups] if len(table.rows) > 1 else []}
    greedy = f"{study.headline}_greedy"
    searched = [system for system in scored.systems if greedy in system.scores]
    plots["search"] = []
    if searched and study.experiment.model_dump()["decoding"]["beam"] > 1:
        search = greedy_against_beam(searched, study.headline)
        plots["search"] = [Plot(f"{study.name}-search", "Greedy and beam search", search)]
    samples = samples_of(scored)
    return Part(plots, samples, heat_maps(study.name, samples), more=[table])


def group_table(study: Study, scores: pd.DataFrame, found: Sequence[System]) -> GroupTable:
    """Groups in the order in which the split has them."""
    assert study.results
    name, known, source = PUBLISHED.get(study.results.provenance["reader"], ("", {}, ""))
    means = scores.groupby(["group", "variant"])["value"].mean().to_dict()
    sizes = scores.groupby("group")["rows"].max().to_dict()
    names = [system.name for system in found]
    groups = unique(scores["group"])
    published = [name] if set(known) == set(groups) else []
    rows = [
        Row(
            group,
            int(sizes[group]),
            [means.get((group, system)) for system in names] + [known[group] for _ in published],
        )
        for group in groups
    ]
    return GroupTable(study.headline, names, published, source if published else "", rows)


def by_group(table: GroupTable, order: Sequence[str]) -> Spec:
    """A row per group: a disc per variant, a stroke for the best baseline, a ring for what is published."""
    label = metric_of(table.metric).label
    names = [*table.systems, *table.published]
    rows, strokes, rings = [], [], []
    for row in table.rows:
        scored = [(name, value) for name, value in zip(names, row.values, strict=True) if value is not None]
        rows += [
            {"group": row.group, "variant": name, "value": value} for name, value in scored if name in order
        ]
        rings += [
            {"group": row.group, "system": name, "value": value}
            for name, value in scored
            if name in table.published
        ]
        others = [pair for pair in scored if pair[0] not in (*order, *table.published)]
        if others:
            name, value = max(others, key=lambda pair: pair[1])
            strokes.append({"group": row.group, "system": name, "value": value})
    facts = hover("group", "variant", value=f"mean {label}")
    told = {"tooltip": hover("group", "system", value=label), "color": None}
    groups = systems("group", [row.group for row in table.rows])
    groups["axis"] |= {"grid": True, "tickBand": "extent"}
    below = category("variant", sort=list(order))
    layers = [
        mark("tick", told, strokes, thickness=2, size=18, color="var(--baseline)"),
        # A layer without rows makes the library complain.
        *([mark("point", told, rings, size=70, color="var(--muted)")] if rings else []),
        mark("point", {"yOffset": below, "tooltip": facts}, filled=True, size=62, opacity=1),
    ]
    shared = {"x": measure("value", f"{label}, mean over seeds"), "y": groups, "color": by_variant(order)}
    height = len(table.rows) * (ROW[0] + ROW[1] * len(order))
    return chart(f"{label} by group", rows, layers, shared, height=height)
