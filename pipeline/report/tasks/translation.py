"""Length, search and attention."""

from collections.abc import Sequence

import pandas as pd

from pipeline.report.figures import ROW
from pipeline.report.findings import System
from pipeline.report.metrics import metric_of
from pipeline.report.samples import Alignment, Sample, read_samples, read_shown
from pipeline.report.tasks.part import Part, Scored
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
    packed,
    quantity,
    share,
    systems,
)

CELLS = (23, 44, 340)
"""A heat map's cell: fewest and most pixels, and the pixels that its longer side should fill."""


def part(scored: Scored) -> Part:
    name, order = scored.study.name, scored.order
    table = scored.tables["bleu_by_length"]
    lengths = bleu_by_length(table[table["variant"].isin(order)], order)
    plots = {"lengths": [Plot(f"{name}-lengths", "BLEU by length", lengths)], "search": list[Plot]()}
    searched = [system for system in scored.systems if "bleu_greedy" in system.scores]
    if searched:
        search = greedy_against_beam(searched, "bleu")
        plots["search"] = [Plot(f"{name}-search", "Greedy and beam search", search)]
    samples = samples_of(scored)
    return Part(plots, samples, heat_maps(name, samples))


def samples_of(scored: Scored) -> list[Sample]:
    """Those that the parameters name, then some of the split."""
    evenly = read_samples(scored.predictions, scored.study.split, scored.order)
    return [*read_shown(scored.predictions, scored.order), *evenly]


def heat_maps(name: str, samples: Sequence[Sample]) -> dict[int, dict[str, Plot]]:
    """Row -> variant -> where attention looked; `name`: the experiment's."""
    return {
        sample.row: {
            variant: Plot(f"{name}-map-{sample.row}-{variant}", variant, heat_map(alignment, variant))
            for variant, alignment in sample.alignments.items()
        }
        for sample in samples
    }


def bleu_by_length(frame: pd.DataFrame, order: Sequence[str]) -> Spec:
    """Mean BLEU over seeds in each bucket of source length, and each seed as a thin line."""
    buckets = list(dict.fromkeys(frame.sort_values("low")["bucket"]))
    groups = frame.groupby(["variant", "bucket"], sort=False)
    means = groups.agg(bleu=("bleu", "mean"), sentences=("sentences", "max")).reset_index()
    seeds = frame[["variant", "bucket", "seed", "bleu"]].to_dict("records")
    facts = hover("variant", bucket="words", bleu="mean BLEU", sentences="sentences")
    layers = [
        mark("line", {"detail": category("seed")}, seeds, strokeWidth=0.8, opacity=0.4),
        mark("line", strokeWidth=2.2),
        mark("point", {"tooltip": facts}, filled=True, size=80, opacity=1),
    ]
    shared = {
        "x": category("bucket", sort=buckets, title="source words", axis={"labelAngle": 0}),
        "y": measure("bleu", "BLEU"),
        "color": by_variant(order),
    }
    return chart("BLEU by source length", means.to_dict("records"), layers, shared, height=280)


def greedy_against_beam(found: Sequence[System], metric: str) -> Spec:
    """For each variant its score with greedy decoding (ring) and with beam search (disc)."""
    label = metric_of(metric).label
    rows = [
        {"variant": system.name, "colour": colour(place), "search": search, "score": score.mean}
        for place, system in enumerate(found)
        for search, name in (("greedy", f"{metric}_greedy"), ("beam", metric))
        if (score := system.scores.get(name))
    ]
    fill = {"condition": {"test": "datum.search == 'beam'", **given("colour")}, "value": "var(--paper)"}
    ends = {"fill": fill, "tooltip": hover("variant", "search", score=f"mean {label}")}
    layers = [
        mark("line", {"detail": category("variant")}, strokeWidth=2, opacity=0.5),
        mark("point", ends, size=90, opacity=1),
    ]
    shared = {
        "x": measure("score", f"{label}, mean over seeds"),
        "y": systems("variant", [system.name for system in found]),
        "color": given("colour"),
    }
    about = f"{label} with greedy and with beam search"
    return chart(about, rows, layers, shared, height=ROW * len(found))


def heat_map(alignment: Alignment, variant: str) -> Spec:
    """Attention weights with the source words across and the produced words down."""
    # A position in front keeps two equal words apart; the label drops it again.
    source = [f"{place:03d}{word}" for place, word in enumerate(alignment.source)]
    target = [f"{place:03d}{word}" for place, word in enumerate(alignment.target)]
    cells, taken_apart = packed(
        [
            {"x": x, "y": y, "weight": round(float(weight), 3)}
            for y, row in zip(target, alignment.weights, strict=True)
            for x, weight in zip(source, row, strict=True)
        ]
    )
    named = [
        {"calculate": f"slice(datum.{side}, 3)", "as": name} for side, name in (("x", "from"), ("y", "to"))
    ]
    words = {"labelExpr": "slice(datum.value, 3)", "labelFontSize": 13, "labelLimit": 120, "labelPadding": 6}
    words |= {"domain": False, "ticks": False}
    shared = {
        "x": category("x", title=None, axis={"orient": "top", "labelAngle": -50, **words}),
        "y": category("y", title=None, axis=words),
        "fillOpacity": share("weight"),
        "tooltip": [*hover(to="output"), category("from", title="source"), quantity("weight", format=".3f")],
    }
    tile = mark("rect", fill="var(--heat)", stroke="var(--line)", strokeWidth=0.5)
    least, most, wanted = CELLS
    side = {"step": max(least, min(most, wanted // max(alignment.weights.shape)))}
    about = f"Attention of {variant}: output words down, source words across"
    return chart(about, cells, [tile], shared, width=side, height=side, transform=[taken_apart, *named])
