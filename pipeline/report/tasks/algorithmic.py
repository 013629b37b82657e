"""What is right, or how wrong, by how long ago it was read."""

from collections.abc import Sequence

import pandas as pd

from pipeline.config.schema.datasets import Steps
from pipeline.report.metrics import metric_of
from pipeline.report.tasks.part import Part, Scored
from pipeline.report.vega import Plot, Spec, by_variant, category, chart, hover, mark, measure, quantity


def part(scored: Scored) -> Part:
    study = scored.study
    assert isinstance(study.dataset, Steps)
    label = metric_of(study.headline).label
    drawn = by_distance(scored.tables["by_distance"], label, scored.order)
    return Part({"by_distance": [Plot(f"{study.name}-by-distance", f"{label} by distance", drawn)]})


def by_distance(frame: pd.DataFrame, label: str, order: Sequence[str]) -> Spec:
    """A line per variant over doubling distances, the mean over seeds; thin ones per seed; chance dashed."""
    models = frame[frame["variant"].isin(order)]
    means = models.groupby(["variant", "low", "high"], sort=False)["value"].mean().reset_index()
    chance = frame[~frame["variant"].isin(order)].groupby("high")["value"].mean().reset_index()
    facts = hover("variant", low="steps from", high="to", value=label)
    shared = {
        "x": quantity(
            "high",
            title="steps since it was read",
            scale={"type": "log", "base": 2, "nice": False, "padding": 10},
            axis={"values": sorted({int(high) for high in means["high"]}), "format": "d", "grid": False},
        ),
        "y": measure("value", label),
        "color": by_variant(order),
    }
    grey = {"color": {"value": "var(--muted)"}}
    layers = [
        mark("line", grey, chance.to_dict("records"), strokeDash=[4, 4], strokeWidth=1.2),
        mark("line", {"detail": category("seed")}, models.to_dict("records"), strokeWidth=0.8, opacity=0.35),
        mark("line", strokeWidth=2.2),
        mark("point", {"tooltip": facts}, filled=True, size=60, opacity=1),
    ]
    return chart(f"{label} by distance", means.to_dict("records"), layers, shared, height=300)
