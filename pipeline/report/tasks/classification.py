"""Confusion matrices, calibration, and what is left of a text behind which other words follow."""

from collections.abc import Sequence

import pandas as pd

from pipeline.config.schema.datasets import LabelledText
from pipeline.report import figures
from pipeline.report.tasks.part import Part, Scored
from pipeline.report.vega import Plot, Spec, by_variant, category, chart, hover, mark, measure, quantity


def part(scored: Scored) -> Part:
    study, tables = scored.study, scored.tables
    assert isinstance(study.dataset, LabelledText)
    classes = study.dataset.classes
    names = dict(enumerate(classes))
    confused = tables["confusion"]
    confused = confused.assign(**{side: confused[side].map(names) for side in ("actual", "predicted")})
    counts = {str(name): rows for name, rows in confused.groupby("variant")}
    matrices = [
        Plot(f"{study.name}-confusion-{name}", name, figures.confusion(counts[name], classes, name))
        for name in (system.name for system in scored.systems)
        if name in counts
    ]
    bins = tables["calibration"]
    bins = bins[bins["variant"].isin(scored.order)]
    curves = [Plot(f"{study.name}-reliability", "Reliability", reliability(bins, scored.order))]
    kept = []
    if "by_filler" in tables:
        drawn = by_filler(tables["by_filler"], scored.order)
        kept = [Plot(f"{study.name}-by-filler", "Accuracy by filler", drawn)]
    return Part({"confusion": matrices, "reliability": curves if len(bins) else [], "by_filler": kept})


def by_filler(frame: pd.DataFrame, order: Sequence[str]) -> Spec:
    """A line per variant over the words behind a text, the mean over seeds; thin ones per seed; baselines
    dashed."""
    models = frame[frame["variant"].isin(order)]
    means = models.groupby(["variant", "filler"], sort=False)["accuracy"].mean().reset_index()
    baselines = frame[~frame["variant"].isin(order)]
    facts = hover("variant", filler="words behind the text", accuracy="accuracy")
    axis = {"values": sorted({int(length) for length in means["filler"]}), "format": "d", "grid": False}
    shared = {
        "x": quantity("filler", title="words of filler behind the text", axis=axis),
        "y": measure("accuracy", "accuracy"),
        "color": by_variant(order),
    }
    grey = {"color": {"value": "var(--muted)"}, "detail": category("variant"), "tooltip": facts}
    layers = [
        mark("line", grey, baselines.to_dict("records"), strokeDash=[4, 4], strokeWidth=1.2),
        mark("line", {"detail": category("seed")}, models.to_dict("records"), strokeWidth=0.8, opacity=0.35),
        mark("line", strokeWidth=2.2),
        mark("point", {"tooltip": facts}, filled=True, size=60, opacity=1),
    ]
    return chart("Accuracy by words of filler", means.to_dict("records"), layers, shared, height=300)


def reliability(frame: pd.DataFrame, order: Sequence[str]) -> Spec:
    """Share of right answers against confidence, all seeds pooled; the diagonal is perfect calibration."""
    bins = frame[frame["count"] > 0].copy()
    bins[["confidence", "accuracy"]] = bins[["confidence", "accuracy"]].mul(bins["count"], axis=0)
    groups = bins.groupby(["variant", "bin"], sort=False)
    pooled = groups[["confidence", "accuracy", "count"]].sum().reset_index()
    pooled[["confidence", "accuracy"]] = pooled[["confidence", "accuracy"]].div(pooled["count"], axis=0)
    start = 0.5 if pooled["confidence"].min() >= 0.5 else 0.0
    ends = [{"confidence": end, "accuracy": end} for end in (start, 1.0)]
    ideal = mark("line", {"color": {"value": "var(--muted)"}}, ends, strokeDash=[4, 4], strokeWidth=1)
    size = quantity("count", legend=None, scale={"range": [15, 160]})
    facts = hover("variant", "confidence", accuracy="share right", count="texts, all seeds")
    point = mark("point", {"size": size, "tooltip": facts}, filled=True, opacity=0.9)
    shared = {
        "x": quantity("confidence", scale={"domain": [start, 1]}),
        "y": measure("accuracy", "share right"),
        "color": by_variant(order),
    }
    layers = [ideal, mark("line", strokeWidth=1.5, opacity=0.7), point]
    about = "Reliability: share right against confidence"
    return chart(about, pooled.to_dict("records"), layers, shared, height=300)
