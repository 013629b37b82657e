"""Errors hour by hour of a gap, by its length, and windows with what was hidden and what was answered."""

from collections.abc import Sequence

import pandas as pd

from pipeline.config.schema.imputation import Imputation
from pipeline.report.filled import Filled, read_filled
from pipeline.report.findings import System
from pipeline.report.tasks.part import Part, Scored
from pipeline.report.vega import Plot, Spec, by_variant, category, chart, hover, mark, measure, quantity

NEXT = 0
"""Instead of a gap's hours: the next hour is asked."""


def gap_of(experiment: Imputation, name: str) -> int:
    """Hours that a variant or a baseline is asked to fill, or `NEXT`."""
    if name not in experiment.grid:
        hours = name.rpartition("_")[2]
        return int(hours) if hours.isdigit() else experiment.data.gap
    data = experiment.data.model_dump() | experiment.grid[name].get("data", {})
    return NEXT if data["asked"] == "next" else int(data["gap"])


def comparable(experiment: Imputation, systems: list[System]) -> list[System]:
    """Those that are asked what the experiment's block says: errors in other gaps don't compare."""
    asked = NEXT if experiment.data.asked == "next" else experiment.data.gap
    return [system for system in systems if gap_of(experiment, system.name) == asked]


def part(scored: Scored) -> Part:
    study, order = scored.study, scored.order
    assert isinstance(study.experiment, Imputation)
    asked = {system.name: gap_of(study.experiment, system.name) for system in scored.systems}
    by_hour, filled = [], []
    for gap in sorted(set(asked.values()), key=lambda gap: (gap == NEXT, gap)):
        names = [name for name, hours in asked.items() if hours == gap]
        frame = scored.tables["by_hour"]
        title = (
            "The next hour, asked after every hour of a window" if gap == NEXT else f"A gap of {gap} hours"
        )
        spec = errors(frame[frame["variant"].isin(names)], title, order)
        by_hour.append(Plot(f"{study.name}-by-hour-{gap}", title, spec))
        shown = [name for name in order if name in names]
        window = read_filled(scored.predictions, study.split, shown) if shown else None
        if window:
            filled.append(Plot(f"{study.name}-filled-{gap}", title, over_time(window, title, order)))
    return Part({"by_hour": by_hour, "filled": filled})


def errors(frame: pd.DataFrame, title: str, order: Sequence[str]) -> Spec:
    """A line per system over the hours asked, means over seeds; baselines are dashed."""
    means = frame.groupby(["variant", "hour"], sort=False)["mse"].mean().reset_index()
    model = means["variant"].isin(order)
    facts = hover("variant", hour="hour", mse="MSE")
    line = {"detail": category("variant"), "tooltip": facts}
    grey = line | {"color": {"value": "var(--baseline)"}}
    layers = [mark("line", line | {"color": by_variant(order)}, strokeWidth=2)]
    if not model.all():  # a layer without rows has no extent, of which Vega complains
        others = means[~model].to_dict("records")
        layers.insert(0, mark("line", grey, others, strokeWidth=1.5, strokeDash=[6, 4]))
    axis = {"tickMinStep": 1, "format": "d", "grid": False}
    shared = {
        "x": quantity("hour", title="hour asked", axis=axis, scale={"nice": False, "padding": 6}),
        "y": measure("mse", "MSE"),
    }
    about = f"Mean squared error by hour: {title}"
    return chart(about, means[model].to_dict("records"), layers, shared, height=210)


def over_time(shown: Filled, title: str, order: Sequence[str]) -> Spec:
    """What was there as a thin line, what was asked on grey ground, and each variant's answers over it."""
    actual = [{"hour": hour, "value": value} for hour, value in shown.actual]
    rows = [
        {"variant": name, "hour": hour, "value": value}
        for name, points in shown.answers.items()
        for hour, value in points
    ]
    asked = [{"hour": shown.first, "end": shown.last}]
    ground = {"x2": {"field": "end"}, "y": None, "color": {"value": "var(--muted)"}}
    layers = [
        mark("rect", ground, asked, opacity=0.12),
        mark("line", {"color": {"value": "var(--ink)"}}, actual, strokeWidth=1, opacity=0.75),
        mark("line", {"color": by_variant(order)}, strokeWidth=1.8, opacity=0.9),
    ]
    axis = {"tickCount": 8, "grid": False}
    shared = {"x": quantity("hour", title="hour of the window", axis=axis, scale={"nice": False})}
    shared["y"] = measure("value", shown.channel)
    return chart(f"A window with answers: {title}", rows, layers, shared, height=190)
