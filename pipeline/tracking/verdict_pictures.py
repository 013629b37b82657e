"""Pictures of claims: lines where the claim has a figure, else its comparisons against their thresholds."""

from collections.abc import Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from pipeline.claims.rows import ClaimRow, ComparisonRow, FigureRow

LOOKS = {"above": ("tab:green", "o"), "below": ("tab:red", "s"), "unclear": ("tab:grey", "D")}
"""Colour and marker by the side of the threshold."""


def picture(row: ClaimRow) -> Figure | None:
    """None for a claim that properties decide, or that was not run."""
    if row.figure:
        drawn = _lines(row.figure)
    elif row.comparisons:
        drawn = _forest(row.comparisons)
    else:
        return None
    drawn.suptitle(f"{row.sentence} ({row.verdict})", fontsize=11, wrap=True)
    return drawn


def _lines(content: FigureRow) -> Figure:
    figure = Figure(figsize=(9, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for line in filter(lambda line: line.points, content.lines):
        x = [point[0] for point in line.points]
        y, low, high = (_numbers(ends) for ends in zip(*(point[1:] for point in line.points), strict=True))
        (drawn,) = axes.plot(x, y, label=line.name)
        axes.fill_between(x, low, high, color=drawn.get_color(), alpha=0.15)
    axes.set(xlabel=content.x, ylabel=content.y)
    if content.logarithmic:
        axes.set_xscale("log")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return figure


def _forest(comparisons: Sequence[ComparisonRow]) -> Figure:
    """One panel per unit."""
    units = {one.unit: [other for other in comparisons if other.unit == one.unit] for one in comparisons}
    figure = Figure(figsize=(10, 1.6 + 0.7 * len(units) + 0.4 * len(comparisons)), layout="constrained")
    FigureCanvasAgg(figure)
    heights = [len(own) + 1 for own in units.values()]
    panels = figure.subplots(len(units), squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    for axes, (unit, own) in zip(panels, units.items(), strict=True):
        for place, one in enumerate(own):
            colour, marker = LOOKS[one.side]
            if one.low is not None and one.high is not None:
                axes.plot([one.low, one.high], [place, place], color=colour, linewidth=3, alpha=0.5)
            axes.plot([one.value], [place], marker=marker, color=colour)
            for threshold in {one.above, one.below}:
                axes.plot([threshold, threshold], [place - 0.4, place + 0.4], color="black", linewidth=1.5)
        axes.set_yticks(range(len(own)), [one.label for one in own])
        axes.set_ylim(len(own) - 0.5, -0.5)
        axes.set_xlabel(unit)
        axes.grid(axis="x", alpha=0.3)
    return figure


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]
